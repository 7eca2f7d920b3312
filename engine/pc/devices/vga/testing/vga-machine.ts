// For tests: a machine with a screen, whose memory is reached as its CPU would: through the memory map, or the MMIO bus.

import { type MemoryWindow, windowAt } from '../../../../base/memory-window.ts';
import { KIB, PAGE_SIZE } from '../../../../base/sizes.ts';
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

export class VgaMachine {
  readonly machine: Machine;
  readonly vram = new Uint8Array(deviceMemoryKiB(DEVICES) * KIB);
  /** Pages of the video memory that have been written. */
  readonly written = new Set<number>();
  hostMs = 0;
  /** MMIO accesses: what was not mapped like RAM. */
  exits = 0;
  #windows: readonly MemoryWindow[] = [];
  readonly #firstPage: number;

  constructor({ firmware = true } = {}) {
    const romKiB = firmware ? ROM_KIB : 0;
    this.#firstPage = (MEMORY_MIB * 1024 + romKiB) / 4;
    const written = (offset: number, size: number) => {
      for (let page = offset >> 12; page <= (offset + size - 1) >> 12; page++) this.written.add(page);
    };
    this.machine = new Machine({
      memoryMiB: MEMORY_MIB,
      romKiB,
      devices: DEVICES,
      deviceMemory: {
        firstPage: this.#firstPage,
        bytes: this.vram,
        write: (offset, bytes) => {
          this.vram.set(bytes, offset);
          written(offset, bytes.length);
        },
        written,
      },
      memory: { read: () => false, write: () => false, require: () => false },
      hostNow: () => this.hostMs,
      wallClock: () => this.hostMs,
      output: () => () => {},
      interruptLine() {},
      raiseNmi() {},
      a20Line() {},
      mapMemory: (windows) => {
        this.#windows = windows;
      },
      resetRequested() {},
      powerOff() {},
    });
    this.machine.resume();
  }

  in(port: number, size = 1): number {
    return this.machine.portRead(port, size);
  }

  out(port: number, value: number, size = 1): void {
    this.machine.portWrite(port, size, value);
  }

  read(address: number, size = 1): number {
    const at = this.#direct(address, 'reads');
    if (at === undefined) {
      this.exits++;
      return this.machine.mmioRead(address, size);
    }
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.vram[at + i]!;
    return value;
  }

  write(address: number, value: number, size = 1): void {
    const at = this.#direct(address, 'writes');
    if (at === undefined) {
      this.exits++;
      this.machine.mmioWrite(address, size, value);
      return;
    }
    for (let i = 0; i < size; i++) this.vram[at + i] = value >>> (8 * i);
    this.written.add(at >> 12);
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
    this.written.clear();
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

  /** Offset in the video memory of what is mapped like RAM there. */
  #direct(address: number, way: 'reads' | 'writes'): number | undefined {
    const window = windowAt(this.#windows, Math.floor(address / PAGE_SIZE));
    const page = window?.[way];
    if (window === undefined || typeof page !== 'number') return undefined;
    return (page - this.#firstPage) * PAGE_SIZE + address - window.first * PAGE_SIZE;
  }
}
