// The 32 KiB of a display adapter's text buffer at B8000h, as plain memory: what is written can be read back, and is not
// displayed. For programs that print to the screen without asking whether there is one.
import type { Device } from '../../bus/device.ts';
import type { MmioBus } from '../../bus/mmio-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { TextMemoryState } from './persist.ts';

const BASE = 0xb8000;
const SIZE = 0x8000;

export class TextMemory implements Device<TextMemoryState> {
  readonly name = 'text-memory';
  #content = new Uint8Array(SIZE);

  attach(mmio: MmioBus): void {
    mmio.register(BASE, SIZE, {
      read: (offset, size) => {
        let value = 0;
        for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#content[offset + i];
        return value;
      },
      write: (offset, size, value) => {
        for (let i = 0; i < size; i++) this.#content[offset + i] = value >>> (8 * i);
      },
    });
  }

  /** Memory keeps its content. */
  reset(): void {}

  save(): TextMemoryState {
    return { version: 1, content: this.#content.slice() };
  }

  restore(state: TextMemoryState): void {
    this.#content = requireForm(this.name, state, this.save()).content.slice();
  }
}
