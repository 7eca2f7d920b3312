// Machine code in a region of its own on bare shared memory: a CPU block with one TLB entry, no monitor, no page tables. Several
// such CPUs may run on one memory, each in a thread.

import { Worker } from 'node:worker_threads';
import * as L from '../abi/layout.ts';
import type { LockedAccess } from '../emitter/memory-access.ts';
import { Decoder } from '../isa/decoder.ts';
import { translateRegion } from '../translator/region-builder.ts';
import { RegionEmitter } from '../translator/region-emitter.ts';

export const FLAT = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT;
const HLT = 0xf4;
const PAGE_SIZE = 4096;
const FIRST_CPU = 0x10000;
const COUNTERS = 0x100000;
/** Linear address of the data page, and where it lies. */
export const DATA = 0x400000;
const DATA_MACHINE = 0x140000;
const MEMORY_PAGES = 32;
/** More often no region is entered in these tests, however often its threads get in each other's way. */
const ENTRIES = 1_000_000;

/** `code` and a HLT behind it, at linear address 0. */
export function regionOf(code: readonly number[], locked: LockedAccess): WebAssembly.Module {
  const page = new Uint8Array(PAGE_SIZE).fill(HLT);
  page.set(code);
  const source = {
    page: (delta: number) => (delta === 0 ? page : undefined),
    seen: () => true,
    called: () => false,
    resumed: () => false,
    straddles: () => false,
    general: () => false,
    planar: () => false,
    targets: () => [],
  };
  const translated = translateRegion(
    new Decoder(),
    source,
    0,
    FLAT,
    (functions, chain, mode) => new RegionEmitter(functions, chain, mode, locked),
  );
  if (!translated) throw new Error('no region');
  return new WebAssembly.Module(translated.bytes);
}

export class LockedMemory {
  readonly memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES, shared: true });
  readonly view = new DataView(this.memory.buffer);
  #cpus = 0;

  /** A CPU with these general registers; its machine address. */
  addCpu(registers: Partial<Record<number, number>>): number {
    const cpu = FIRST_CPU + this.#cpus++ * L.CPU_BLOCK_SIZE;
    const entry = cpu + L.TLB_SUPERVISOR + ((DATA >> 12) & (L.TLB_ENTRIES - 1)) * L.TLB_ENTRY_SIZE;
    const set = (at: number, value: number) => this.view.setUint32(at, value, true);
    set(cpu + L.TLB_CURRENT, L.TLB_SUPERVISOR);
    set(entry + L.TLB_READ_TAG, DATA);
    set(entry + L.TLB_WRITE_TAG, DATA);
    set(entry + L.TLB_ADDEND, DATA_MACHINE - DATA);
    set(cpu + L.REGION_COUNTERS, COUNTERS);
    for (const [offset, value] of Object.entries(registers)) set(cpu + Number(offset), value!);
    return cpu;
  }

  data(offset = 0): number {
    return this.view.getUint32(DATA_MACHINE + offset, true);
  }

  setData(offset: number, value: number): void {
    this.view.setUint32(DATA_MACHINE + offset, value, true);
  }
}

/** Runs the region until its HLT. */
export function run(memory: WebAssembly.Memory, region: WebAssembly.Module, cpu: number, end: number): void {
  RUN(memory, region, cpu, end, () => {});
}

const RUN_SOURCE = `
  const monitor = new Proxy({}, { get: () => () => 0, has: () => true });
  const imports = { env: { memory }, interpreter: { chain: () => 0 }, monitor };
  const { region: enter } = new WebAssembly.Instance(region, imports).exports;
  const view = new DataView(memory.buffer);
  ready();
  for (let entries = 0; view.getUint32(cpu + ${L.RIP}, true) !== end; entries++) {
    if (entries > ${ENTRIES}) throw new Error('the region does not come to its end: RIP ' + view.getUint32(cpu + ${L.RIP}, true));
    view.setInt32(cpu + ${L.BUDGET}, 1 << 30, true);
    enter(cpu, 0, 0);
  }`;
const RUN = new Function('memory', 'region', 'cpu', 'end', 'ready', RUN_SOURCE) as (
  ...options: [...Parameters<typeof run>, ready: () => void]
) => void;

/** The same in a thread of its own, from when all threads of `start` (an i32 that counts them) are there. */
export function runInThread(
  memory: WebAssembly.Memory,
  region: WebAssembly.Module,
  cpu: number,
  end: number,
  start: SharedArrayBuffer,
  threads: number,
): Promise<void> {
  const source = `
    const { workerData } = require('node:worker_threads');
    const { memory, region, cpu, end, start, threads } = workerData;
    const arrived = new Int32Array(start);
    const ready = () => {
      Atomics.add(arrived, 0, 1);
      while (Atomics.load(arrived, 0) < threads);
    };
    ${RUN_SOURCE}`;
  const worker = new Worker(source, { eval: true, workerData: { memory, region, cpu, end, start, threads } });
  return new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });
}
