// A guest that is a script: a driver of the first virtio disk, by its legacy registers (virtio 1.2, §4.1.4.10), which has several
// writes under way at any time and flushes now and then. Its variables are here and its memory is the VM's, so it goes on wherever
// the VM runs. Tests only.

import { onlyRam } from '../../base/memory-window.ts';
import { EXIT_STOP } from '../../cpu/abi/layout.ts';
import type { ExecutorHost } from '../../cpu/executor/executor-api.ts';
import { GuestDma } from '../../vmkernel/memory/guest-dma.ts';
import type { ScriptedExecutor } from '../../vmkernel/testing/scripted-executor.ts';

const BAR = 0xc000;
const SLOT = 11;
const [FEATURES, ADDRESS, SELECT, NOTIFY, STATUS] = [4, 8, 14, 16, 18];
const SIZE = 256;
const RING = 0x100000;
const AVAILABLE = RING + 16 * SIZE;
const USED = (AVAILABLE + 6 + 2 * SIZE + 4095) & ~4095;
const REQUESTS = 0x200000;
const REQUEST_BYTES = 0x2000;
const [NEXT, WRITE] = [1, 2];
const [IN, OUT, FLUSH] = [0, 1, 4];
/** Bytes of a request's data. */
const BYTES = 4096;
const UNDER_WAY = 12;

export class DiskGuest {
  /** What the disk must hold, by block of BYTES: the number that its words have. */
  readonly expected = new Map<number, number>();
  readonly failures: string[] = [];
  readonly #blocks: number;
  readonly #free = Array.from({ length: UNDER_WAY }, (_, n) => n);
  /** By request, what it does. */
  readonly #asked = new Map<number, { type: number; block: number; number: number }>();
  #started = false;
  #available = 0;
  #used = 0;
  #number = 0;
  /** Writes no more; reads all blocks instead. */
  checking = false;
  #toCheck: number[] = [];
  checked = 0;

  constructor(blocks: number) {
    this.#blocks = blocks;
  }

  get written(): number {
    return this.#number;
  }

  check(): void {
    this.#toCheck = [...this.expected.keys()];
    this.checking = true;
  }

  get done(): boolean {
    return this.checking && this.#toCheck.length === 0 && this.#asked.size === 0;
  }

  /** One slice of the CPU. */
  run({ memory, cpu }: ScriptedExecutor, host: ExecutorHost): number {
    const ram = new GuestDma(memory, cpu, { codeWritten() {}, need: () => true });
    ram.windows = onlyRam(0x1000);
    if (!this.#started) this.#start(ram, host);
    this.#collect(ram);
    let asked = false;
    while (this.#free.length > 0 && this.#askNext(ram)) asked = true;
    if (asked) host.portWrite(BAR + NOTIFY, 2, 0);
    return EXIT_STOP;
  }

  #start(ram: GuestDma, host: ExecutorHost): void {
    this.#started = true;
    const config = (register: number, size: number, value: number) => {
      host.portWrite(0xcf8, 4, (0x80000000 + SLOT * 0x800 + register) >>> 0);
      host.portWrite(0xcfc, size, value);
    };
    config(0x10, 4, BAR);
    config(0x04, 2, 5);
    ram.write(RING, new Uint8Array(USED + 0x2000 - RING));
    host.portWrite(BAR + FEATURES, 4, 1 << 9);
    host.portWrite(BAR + SELECT, 2, 0);
    host.portWrite(BAR + ADDRESS, 4, RING / 4096);
    host.portWrite(BAR + STATUS, 1, 7);
  }

  #collect(ram: GuestDma): void {
    const index = read16(ram, USED + 2);
    for (; this.#used !== index; this.#used = (this.#used + 1) & 0xffff) {
      const n = read16(ram, USED + 4 + 8 * (this.#used % SIZE)) / 3;
      const place = REQUESTS + n * REQUEST_BYTES;
      const bytes = new Uint8Array(BYTES + 1);
      ram.read(place + 16, bytes);
      const asked = this.#asked.get(n);
      this.#asked.delete(n);
      this.#free.push(n);
      if (!asked) this.failures.push(`request ${n} was answered twice`);
      else if (bytes[BYTES] !== 0) this.failures.push(`status ${bytes[BYTES]} of ${JSON.stringify(asked)}`);
      else if (asked.type === OUT) this.expected.set(asked.block, asked.number);
      else if (asked.type === IN) this.#compare(asked.block, bytes);
    }
  }

  #compare(block: number, bytes: Uint8Array): void {
    this.checked++;
    const words = new Uint32Array(bytes.buffer, 0, BYTES / 4);
    const wrong = words.find((word) => word !== this.expected.get(block));
    if (wrong !== undefined) this.failures.push(`block ${block} holds ${wrong} instead of ${this.expected.get(block)}`);
  }

  /** False: there is nothing to ask for. */
  #askNext(ram: GuestDma): boolean {
    if (this.checking) {
      const block = this.#toCheck.pop();
      if (block === undefined) return false;
      this.#ask(ram, { type: IN, block, number: 0 });
      return true;
    }
    const number = ++this.#number;
    if (number % 23 === 0) {
      this.#ask(ram, { type: FLUSH, block: 0, number });
      return true;
    }
    // Never two of one block together: their order is not defined.
    let block = (number * 37) % this.#blocks;
    while ([...this.#asked.values()].some((other) => other.block === block)) block = (block + 1) % this.#blocks;
    this.#ask(ram, { type: OUT, block, number });
    return true;
  }

  #ask(ram: GuestDma, asked: { type: number; block: number; number: number }): void {
    const n = this.#free.pop() ?? 0;
    this.#asked.set(n, asked);
    const place = REQUESTS + n * REQUEST_BYTES;
    const request = new Uint8Array(16 + BYTES + 1).fill(0xee);
    const view = new DataView(request.buffer);
    view.setUint32(0, asked.type, true);
    view.setUint32(4, 0, true);
    view.setBigUint64(8, BigInt(asked.block * (BYTES / 512)), true);
    for (let at = 0; at < BYTES; at += 4) view.setUint32(16 + at, asked.number, true);
    ram.write(place, request);
    const data = { address: place + 16, length: asked.type === FLUSH ? 0 : BYTES };
    const pieces = [
      { address: place, length: 16, flags: 0 },
      ...(data.length > 0 ? [{ ...data, flags: asked.type === IN ? WRITE : 0 }] : []),
      { address: place + 16 + BYTES, length: 1, flags: WRITE },
    ];
    const table = new DataView(new ArrayBuffer(48));
    for (const [i, { address, length, flags }] of pieces.entries()) {
      table.setUint32(16 * i, address, true);
      table.setUint32(16 * i + 8, length, true);
      table.setUint16(16 * i + 12, flags | (i < pieces.length - 1 ? NEXT : 0), true);
      table.setUint16(16 * i + 14, 3 * n + i + 1, true);
    }
    ram.write(RING + 16 * 3 * n, new Uint8Array(table.buffer, 0, 16 * pieces.length));
    write16(ram, AVAILABLE + 4 + 2 * (this.#available % SIZE), 3 * n);
    this.#available = (this.#available + 1) & 0xffff;
    write16(ram, AVAILABLE + 2, this.#available);
  }
}

function read16(ram: GuestDma, at: number): number {
  const bytes = new Uint8Array(2);
  ram.read(at, bytes);
  return bytes[0] | (bytes[1] << 8);
}

function write16(ram: GuestDma, at: number, value: number): void {
  ram.write(at, Uint8Array.of(value & 0xff, value >> 8));
}
