// One machine in QEMU: its serial line, its human monitor, and what its screen shows.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TEXT_MEMORY = 0xb8000;
const GRAPHICS_MEMORY = 0xa0000;
const COLUMNS = 80;
const ROWS = 25;
const PATIENCE_MS = 20_000;
const POLL_MS = 50;
const PROMPT = '(qemu) ';

/** Names of the monitor's `sendkey` for characters that are not named by themselves. */
const KEY_NAMES: Record<string, string> = {
  ' ': 'spc',
  '\r': 'ret',
  '/': 'slash',
  '.': 'dot',
  '-': 'minus',
  ':': 'shift-semicolon',
  '\b': 'backspace',
};

export class Qemu {
  /** All that came from the serial line. */
  serial = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'lapwing-qemu-'));
  readonly #process: ChildProcess;
  #monitor: Socket | undefined;
  #answer = '';
  #read = 0;

  private constructor(args: readonly string[]) {
    const monitor = join(this.#folder, 'monitor');
    const serial = args.includes('-serial') ? [] : ['-serial', 'stdio'];
    this.#process = spawn(
      'qemu-system-i386',
      ['-display', 'none', ...serial, '-monitor', `unix:${monitor},server,nowait`, '-nic', 'none', ...args],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    this.#process.stdout?.on('data', (data: Buffer) => {
      this.serial += data.toString('latin1');
    });
  }

  static async start(args: readonly string[]): Promise<Qemu> {
    const qemu = new Qemu(args);
    qemu.#monitor = await qemu.#connect('monitor');
    qemu.#monitor.on('data', (data: Buffer) => {
      qemu.#answer += data.toString('latin1');
    });
    await qemu.until('the monitor', async () => qemu.#answer.endsWith(PROMPT));
    return qemu;
  }

  /** A connection to one of QEMU's sockets; QEMU may not listen yet. */
  async #connect(name: string): Promise<Socket> {
    let socket: Socket | undefined;
    await this.until(`QEMU's ${name}`, async () => {
      const attempt = connect(join(this.#folder, name));
      try {
        await once(attempt, 'connect');
      } catch {
        return false;
      }
      socket = attempt;
      return true;
    });
    if (socket === undefined) throw new Error(`No connection to QEMU's ${name}.`);
    return socket;
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (let waited = 0; !(await holds()); waited += POLL_MS) {
      if (waited > PATIENCE_MS) throw new Error(`Waited in vain for ${what}. Serial line: ${this.serial.slice(-600)}`);
      await sleep(POLL_MS);
    }
  }

  /** What the monitor answers to a command. */
  async monitor(command: string): Promise<string> {
    this.#answer = '';
    this.#monitor?.write(`${command}\n`);
    await this.until(`an answer to ${command}`, async () => this.#answer.endsWith(PROMPT));
    return this.#answer;
  }

  send(text: string): void {
    this.#process.stdin?.write(text, 'latin1');
  }

  /** Waits for a text on the serial line after those waited for before; gives what lies before it. */
  async expect(text: string): Promise<string> {
    await this.until(JSON.stringify(text), async () => this.serial.includes(text, this.#read));
    const at = this.serial.indexOf(text, this.#read);
    const before = this.serial.slice(this.#read, at);
    this.#read = at + text.length;
    return before;
  }

  /** Runs a command of the shell on the serial line and gives what it prints. */
  async run(command: string): Promise<string> {
    this.send(`${command}\r`);
    await this.expect(`${command}\r\n`);
    return this.expect('lapwing> ');
  }

  async type(text: string): Promise<void> {
    for (const key of text) await this.monitor(`sendkey ${KEY_NAMES[key] ?? key} 20`);
  }

  async memory(address: number, bytes: number): Promise<Uint8Array> {
    const file = join(this.#folder, 'memory');
    await this.monitor(`pmemsave ${address} ${bytes} "${file}"`);
    return new Uint8Array(readFileSync(file));
  }

  /** Changes guest memory behind the guest's back, by GDB's remote protocol (packets `M` and `D`). */
  async poke(address: number, bytes: Uint8Array): Promise<void> {
    await this.monitor(`gdbserver unix:${join(this.#folder, 'gdb')},server,nowait`);
    const gdb = await this.#connect('gdb');
    let answers = 0;
    gdb.on('data', (data: Buffer) => {
      answers += data.toString('latin1').split('$OK#').length - 1;
    });
    const hex = Buffer.from(bytes).toString('hex');
    for (const [n, packet] of [`M${address.toString(16)},${bytes.length.toString(16)}:${hex}`, 'D'].entries()) {
      const checksum = Buffer.from(packet).reduce((sum, byte) => (sum + byte) & 0xff, 0);
      gdb.write(`+$${packet}#${checksum.toString(16).padStart(2, '0')}`);
      await this.until(`an answer to ${packet}`, async () => answers > n);
    }
    gdb.destroy();
    await this.monitor('cont');
  }

  /** The rows of the text screen. */
  async screen(): Promise<string[]> {
    const cells = await this.memory(TEXT_MEMORY, COLUMNS * ROWS * 2);
    return Array.from({ length: ROWS }, (_, row) =>
      Array.from({ length: COLUMNS }, (_, column) => String.fromCharCode(cells[(row * COLUMNS + column) * 2])).join(''),
    );
  }

  /** Waits until a row of the screen holds the text. */
  async see(text: string): Promise<void> {
    await this.until(`${JSON.stringify(text)} on the screen`, async () =>
      (await this.screen()).some((row) => row.includes(text)),
    );
  }

  /** Mode 13h's pixels that are not black. */
  async pixels(): Promise<number> {
    return (await this.memory(GRAPHICS_MEMORY, 320 * 200)).filter((pixel) => pixel !== 0).length;
  }

  /** Waits until the process has ended by itself. */
  async ended(): Promise<void> {
    await this.until('the end of QEMU', async () => this.#process.exitCode !== null);
  }

  async stop(): Promise<void> {
    this.#monitor?.destroy();
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    rmSync(this.#folder, { recursive: true });
  }
}
