// A machine in a program with QEMU's command line – the runner or QEMU – that is watched and typed to through its human monitor.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const START_MS = 30_000;
const PICTURE_MS = 20_000;
const POLL_MS = 100;

export interface Picture {
  width: number;
  height: number;
  /** Three bytes a pixel. */
  pixels: Buffer;
}

/** @throws Error for what is no binary PPM of 8 bits a colour */
export function readPpm(file: Buffer): Picture {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(file.subarray(0, 40).toString('latin1'));
  if (head === null) throw new Error('no PPM');
  return { width: Number(head[1]), height: Number(head[2]), pixels: file.subarray(head[0].length) };
}

export class WatchedMachine {
  /** What its monitor, and the program's standard error, printed. */
  log = '';
  ended: string | undefined;
  readonly #folder: string;
  readonly #process: ChildProcess;
  #monitor: Socket | undefined;

  /** @param command the program and what stands before the machine's options; a folder of its own is made anew for its files */
  constructor(command: readonly string[], options: readonly string[], folder: string) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    const [program, ...first] = command;
    const own = ['-display', 'none', '-serial', `file:${join(folder, 'serial.txt')}`];
    const monitor = ['-monitor', `unix:${join(folder, 'monitor')},server,nowait`];
    this.#process = spawn(program, [...first, ...own, ...monitor, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    const print = (data: Buffer) => {
      this.log += data.toString('latin1');
    };
    this.#process.stdout?.on('data', print);
    this.#process.stderr?.on('data', print);
    this.#process.on('exit', (code, signal) => {
      this.ended = signal ?? `status ${code}`;
    });
  }

  async connect(): Promise<void> {
    const path = join(this.#folder, 'monitor');
    for (let waited = 0; waited < START_MS && this.ended === undefined; waited += POLL_MS) {
      await sleep(POLL_MS);
      if (!existsSync(path)) continue;
      const socket = connect(path);
      const connected = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      });
      if (!connected) continue;
      socket.on('error', () => {});
      socket.on('data', (data: Buffer) => {
        this.log += data.toString('latin1');
      });
      this.#monitor = socket;
      return;
    }
    throw new Error(`no monitor: ${this.ended ?? 'it does not listen'}\n${this.log}`);
  }

  command(line: string): void {
    this.#monitor?.write(`${line}\n`);
  }

  /** What the screen shows; undefined if the machine has ended or gives no picture in time. */
  async picture(): Promise<Picture | undefined> {
    const file = join(this.#folder, 'screen.ppm');
    rmSync(file, { force: true });
    this.command(`screendump "${file}"`);
    for (let waited = 0; waited < PICTURE_MS && this.ended === undefined; waited += POLL_MS) {
      await sleep(POLL_MS);
      if (!existsSync(file)) continue;
      try {
        const picture = readPpm(readFileSync(file));
        if (picture.pixels.length >= picture.width * picture.height * 3) return picture;
      } catch {
        // It is being written.
      }
    }
    return undefined;
  }

  serial(): string {
    const file = join(this.#folder, 'serial.txt');
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  }

  end(): void {
    this.command('quit');
    setTimeout(() => this.#process.kill('SIGKILL'), 2000).unref();
  }
}
