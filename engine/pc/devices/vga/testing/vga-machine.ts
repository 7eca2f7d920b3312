// For tests: a machine with a screen, whose ports and memory are reached as its CPU would: by the monitor's functions.

import { monitorBytes } from '../../../../../scripts/build-monitor.ts';
import { KIB, PAGE_SIZE } from '../../../../base/sizes.ts';
import * as L from '../../../../cpu/abi/layout.ts';
import { storeMemoryMap } from '../../../../cpu/abi/memory-windows.ts';
import { DirtyBitmap } from '../../../../vmkernel/memory/dirty-log.ts';
import { planarState } from '../../../../vmkernel/memory/planar-state.ts';
import { CpuBlock } from '../../../../vmkernel/shared/cpu-block.ts';
import type { DisplayState } from '../../../bus/display.ts';
import { NO_BLINK } from '../../../display/blink.ts';
import { renderDisplay } from '../../../display/render.ts';
import { displayTarget } from '../../../display/target.ts';
import { deviceMemoryKiB } from '../../../machine/device-models.ts';
import { Machine } from '../../../machine/machine.ts';
import { type Step, sequence } from './scenarios.ts';

const DEVICES = [{ model: 'VGA' }];
const MEMORY_MIB = 4;
const ROM_KIB = 64;

// Machine addresses.
const CPU = 0x10000;
const P2M = 0x50000;
const CODE_MAP = 0x60000;
const DIRTY = 0x68000;
const VRAM = 0x80000;
const VRAM_BYTES = deviceMemoryKiB(DEVICES) * KIB;

// biome-ignore lint/suspicious/noExplicitAny: wasm exports take and return numbers and bigints alike
type Functions = Record<string, (...values: any[]) => any>;

const monitor = await WebAssembly.compile(await monitorBytes());

export class VgaMachine {
  readonly machine: Machine;
  readonly vram: Uint8Array;
  readonly block: CpuBlock;
  hostMs = 0;
  /** Accesses of what was not mapped like RAM. */
  exits = 0;
  readonly #monitor: Functions;
  readonly #memory = new WebAssembly.Memory({
    ...{ initial: (VRAM + VRAM_BYTES) >>> 16, maximum: (VRAM + VRAM_BYTES) >>> 16 },
    shared: true,
  });
  readonly #log: DirtyBitmap;
  readonly #firstPage: number;

  constructor({ firmware = true } = {}) {
    const romKiB = firmware ? ROM_KIB : 0;
    const firstPage = (MEMORY_MIB * 1024 + romKiB) / 4;
    const pages = firstPage + VRAM_BYTES / PAGE_SIZE;
    this.#firstPage = firstPage;
    this.vram = new Uint8Array(this.#memory.buffer, VRAM, VRAM_BYTES);
    this.block = new CpuBlock(this.#memory, CPU);
    this.#log = new DirtyBitmap(this.#memory, DIRTY, pages);
    this.#monitor = this.#instantiate();
    this.#placePages(firstPage, pages);
    const written = (offset: number, size: number) => {
      for (let page = offset >> 12; page <= (offset + size - 1) >> 12; page++) this.#log.mark(firstPage + page);
    };
    this.machine = new Machine({
      memoryMiB: MEMORY_MIB,
      romKiB,
      devices: DEVICES,
      deviceMemory: {
        firstPage,
        bytes: this.vram,
        write: (offset, bytes) => {
          this.vram.set(bytes, offset);
          written(offset, bytes.length);
        },
        written,
      },
      planarMemory: planarState(this.#memory, CPU),
      memory: { read: () => false, write: () => false, require: () => false },
      hostNow: () => this.hostMs,
      wallClock: () => this.hostMs,
      output: () => () => {},
      interruptLine() {},
      raiseNmi() {},
      a20Line() {},
      mapMemory: (windows) => {
        storeMemoryMap((offset, value) => this.block.setU32(offset, value), windows);
        this.#monitor.tlb_flush!(CPU, 1);
      },
      resetRequested() {},
      powerOff() {},
    });
    this.machine.resume();
  }

  #instantiate(): Functions {
    const host = {
      port_read: (port: number, size: number) => this.machine.portRead(port, size),
      port_write: (port: number, size: number, value: number) => this.machine.portWrite(port, size, value >>> 0),
      mmio_read: (physical: number, size: number) => {
        this.exits++;
        return this.machine.mmioRead(physical >>> 0, size);
      },
      mmio_write: (physical: number, size: number, value: number) => {
        this.exits++;
        this.machine.mmioWrite(physical >>> 0, size, value >>> 0);
      },
      ...{ local_apic_moved() {}, tsc: () => 0, code_write() {}, p2m_fault: () => 0, not_implemented() {} },
    };
    const blocks = { find_block() {}, hot_block() {}, left_often() {}, acknowledge_interrupt: () => 0 };
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });
    const { exports } = new WebAssembly.Instance(monitor, { env: { memory: this.#memory, table }, host, blocks });
    return exports as Functions;
  }

  /** Of memory there is that of the display alone. */
  #placePages(firstPage: number, pages: number): void {
    const p2m = new Uint32Array(this.#memory.buffer, P2M, pages);
    for (let page = firstPage; page < pages; page++)
      p2m[page] = (VRAM + (page - firstPage) * PAGE_SIZE) | L.P2M_PRESENT;
    this.block.setU32(L.MEM_PAGES, pages);
    this.block.setU32(L.P2M, P2M);
    this.block.setU32(L.CODE_MAP, CODE_MAP);
    this.block.setU32(L.DIRTY_BITMAP, DIRTY);
    this.#monitor.cpu_reset!(CPU);
  }

  /** Pages of the video memory that have been written. */
  get written(): Set<number> {
    const pages = Array.from({ length: VRAM_BYTES / PAGE_SIZE }, (_, page) => page);
    return new Set(
      pages.filter((page) => this.#log.words[(this.#firstPage + page) >> 5]! & (1 << ((this.#firstPage + page) & 31))),
    );
  }

  forgetWritten(): void {
    this.#log.words.fill(0);
    this.#monitor.tlb_withdraw_writes!(CPU);
  }

  in(port: number, size = 1): number {
    return this.#monitor.port_in!(CPU, port, size) >>> 0;
  }

  out(port: number, value: number, size = 1): void {
    this.#monitor.port_out!(CPU, port, size, value);
  }

  read(address: number, size = 1): number {
    return this.#access(() => this.#monitor[`mem_read${8 * size}`]!(CPU, address)) >>> 0;
  }

  write(address: number, value: number, size = 1): void {
    this.#access(() => this.#monitor[`mem_write${8 * size}`]!(CPU, address, value));
  }

  #access(access: () => number): number {
    const before = this.block.u32(L.PLANAR_ACCESSES);
    const value = access();
    if (this.block.u32(L.PLANAR_ACCESSES) !== before) this.exits++;
    return value;
  }

  /** Returns what was read. */
  run(steps: readonly Step[]): number[] {
    const values: number[] = [];
    for (const step of steps) {
      if (step.do === 'out') this.out(step.port, step.value, step.size);
      else if (step.do === 'in') values.push(this.in(step.port, step.size));
      else if (step.do === 'look') this.in(0x3da);
      else if (step.do === 'read') values.push(this.read(step.address, step.size));
      else if (step.do === 'write') this.write(step.address, step.value, step.size);
      else for (const [i, byte] of sequence(step.seed, step.length).entries()) this.write(step.address + i, byte);
    }
    return values;
  }

  get state(): DisplayState {
    const { display } = this.machine;
    if (!display) throw new Error('the machine has no screen');
    return display.state();
  }

  /** Which pages of the video memory have been written since the last call. */
  changed(): { bits: Uint32Array; first: number } {
    const bits = new Uint32Array(this.vram.length / PAGE_SIZE / 32 + 1);
    const first = 5;
    for (const page of this.written) bits[(page + first) >> 5]! |= 1 << ((page + first) & 31);
    this.forgetWritten();
    return { bits, first };
  }

  /** The whole picture, as large as on the screen. */
  picture(blink = NO_BLINK): { width: number; height: number; rgb: Uint8Array } {
    const target = displayTarget();
    renderDisplay(this.state, this.vram, 'all', blink, target);
    const { scaleX, scaleY, pixels } = target;
    const width = target.width * scaleX;
    const height = target.height * scaleY;
    const rgb = new Uint8Array(3 * width * height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const pixel = pixels[Math.floor(y / scaleY) * target.width + Math.floor(x / scaleX)]!;
        const at = 3 * (y * width + x);
        rgb[at] = pixel & 0xff;
        rgb[at + 1] = (pixel >> 8) & 0xff;
        rgb[at + 2] = (pixel >> 16) & 0xff;
      }
    }
    return { width, height, rgb };
  }
}
