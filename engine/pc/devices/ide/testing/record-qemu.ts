// Records what QEMU's piix3-ide answers to the scenarios: npx tsx engine/pc/devices/ide/testing/record-qemu.ts
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { carryOut, type Target } from './scenario.ts';
import { CD_IMAGE, DISK_IMAGE, SCENARIOS } from './scenarios.ts';

const LETTERS: Readonly<Record<number, string>> = { 1: 'b', 2: 'w', 4: 'l' };
/** The slave 8259: its command port, and the register that makes lines level-triggered, so that the request register shows their level. */
const SLAVE = 0xa0;
const SLAVE_TRIGGER = 0x4d1;

class Qemu implements Target {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(disk: string, cd: string) {
    this.#process = spawn('qemu-system-i386', [
      ...['-accel', 'tcg', '-S', '-display', 'none', '-nodefaults', '-qtest', 'stdio', '-qtest-log', '/dev/null'],
      ...['-drive', `file=${disk},format=raw,if=ide,index=0`],
      ...['-drive', `file=${cd},format=raw,if=ide,index=2,media=cdrom,readonly=on`],
    ]);
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  async read(port: number, size: number): Promise<number> {
    return Number(await this.#ask(`in${LETTERS[size]} 0x${port.toString(16)}`));
  }

  async write(port: number, size: number, value: number): Promise<void> {
    await this.#ask(`out${LETTERS[size]} 0x${port.toString(16)} 0x${value.toString(16)}`);
  }

  async load(address: number, length: number): Promise<Uint8Array> {
    return Buffer.from((await this.#ask(`read ${address} ${length}`)).slice(2), 'hex');
  }

  async store(address: number, bytes: Uint8Array): Promise<void> {
    await this.#ask(`write ${address} ${bytes.length} 0x${Buffer.from(bytes).toString('hex')}`);
  }

  async line(irq: number): Promise<boolean> {
    await this.write(SLAVE_TRIGGER, 1, 0xc0);
    await this.write(SLAVE, 1, 0x0a);
    return (((await this.read(SLAVE, 1)) >> (irq - 8)) & 1) === 1;
  }

  end(): void {
    this.#process.kill();
  }

  async #ask(command: string): Promise<string> {
    this.#process.stdin.write(`${command}\n`);
    const { value } = await this.#lines.next();
    if (typeof value !== 'string' || !value.startsWith('OK')) throw new Error(`QEMU answered ${value} to ${command}`);
    return value.slice(3);
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ide-'));
const trace: Record<string, string[]> = {};
for (const scenario of SCENARIOS) {
  const [disk, cd] = [join(folder, 'disk'), join(folder, 'cd')];
  writeFileSync(disk, DISK_IMAGE);
  writeFileSync(cd, CD_IMAGE);
  const qemu = new Qemu(disk, cd);
  trace[scenario.name] = await carryOut(scenario, qemu);
  qemu.end();
}
rmSync(folder, { recursive: true });
writeFileSync(join(import.meta.dirname, 'qemu-trace.json'), `${JSON.stringify(trace, undefined, 2)}\n`);
