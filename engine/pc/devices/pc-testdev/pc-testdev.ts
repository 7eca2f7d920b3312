// QEMU's pc-testdev, which kernel unit tests look for: a 32-bit latch at ports E0h-E3h, a port E4h that only a hypervisor with
// cached mappings would have to listen to, the interrupt lines of the 8259s as ports from 2000h on (1 raises, 0 lowers), and
// 64 KiB of memory at FF000000h that is reached access by access, as MMIO.
import type { Device, InterruptLine, PortBus } from '../../bus/device.ts';
import type { MmioBus } from '../../bus/mmio-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { PcTestdevState } from './persist.ts';

const LATCH = 0xe0;
const FLUSH = 0xe4;
const LINES = 0x2000;
const LINE_COUNT = 16;
/** The second 8259 hangs on it. */
const CASCADE = 2;
const MEMORY = 0xff000000;
const MEMORY_SIZE = 0x10000;

export class PcTestdev implements Device<PcTestdevState> {
  readonly name = 'pc-testdev';
  readonly #lines: readonly InterruptLine[];
  readonly #latch = new DataView(new ArrayBuffer(4));
  readonly #memory = new Uint8Array(MEMORY_SIZE);

  constructor(line: (irq: number) => InterruptLine) {
    this.#lines = Array.from({ length: LINE_COUNT }, (_, irq) => (irq === CASCADE ? () => {} : line(irq)));
  }

  attach(ports: PortBus, mmio: MmioBus): void {
    ports.register(LATCH, 4, {
      read: (port, size) => readSized(this.#latch, port - LATCH, size),
      write: (port, size, value) => writeSized(this.#latch, port - LATCH, size, value),
    });
    ports.register(FLUSH, 4, { read: () => 0, write: () => {} });
    ports.register(LINES, LINE_COUNT, {
      read: () => 0,
      write: (port, _size, value) => this.#lines[port - LINES](value !== 0),
    });
    const memory = new DataView(this.#memory.buffer);
    mmio.register(MEMORY, MEMORY_SIZE, {
      read: (offset, size) => readSized(memory, offset, size),
      write: (offset, size, value) => writeSized(memory, offset, size, value),
    });
  }

  reset(): void {
    this.#latch.setUint32(0, 0);
    this.#memory.fill(0);
  }

  save(): PcTestdevState {
    return { version: 1, latch: this.#latch.getUint32(0, true), memory: this.#memory.slice() };
  }

  restore(state: PcTestdevState): void {
    const { latch, memory } = requireForm(this.name, state, this.save());
    this.#latch.setUint32(0, latch, true);
    this.#memory.set(memory);
  }
}

function readSized(view: DataView, offset: number, size: number): number {
  if (size === 1) return view.getUint8(offset);
  return size === 2 ? view.getUint16(offset, true) : view.getUint32(offset, true);
}

function writeSized(view: DataView, offset: number, size: number, value: number): void {
  if (size === 1) view.setUint8(offset, value);
  else if (size === 2) view.setUint16(offset, value, true);
  else view.setUint32(offset, value, true);
}
