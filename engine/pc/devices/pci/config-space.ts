// The 256 bytes of a PCI function's configuration space (PCI Local Bus Specification 2.1, §6.1): what a read returns, and
// which bits a write may change.

export const VENDOR_ID = 0x00;
export const DEVICE_ID = 0x02;
export const COMMAND = 0x04;
export const STATUS = 0x06;
export const REVISION_ID = 0x08;
export const CLASS_CODE = 0x09; // programming interface, subclass, base class
export const HEADER_TYPE = 0x0e;
export const BAR0 = 0x10;
export const SUBSYSTEM_VENDOR_ID = 0x2c;
export const SUBSYSTEM_ID = 0x2e;
export const ROM_ADDRESS = 0x30;
export const CAPABILITIES_POINTER = 0x34;
export const INTERRUPT_LINE = 0x3c;
export const INTERRUPT_PIN = 0x3d;

export const COMMAND_IO = 0x0001;
export const COMMAND_MEMORY = 0x0002;
export const COMMAND_BUS_MASTER = 0x0004;
export const COMMAND_INTERRUPT_DISABLE = 0x0400;
export const STATUS_CAPABILITIES = 0x0010;
export const MULTIFUNCTION = 0x80;

export class ConfigSpace {
  readonly #bytes = new Uint8Array(256);
  readonly #writable = new Uint8Array(256);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #mask = new DataView(this.#writable.buffer);

  /** Sizes are bytes: 1, 2 or 4; an access must not cross the end. */
  read(offset: number, size: number): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + this.#bytes[offset + i];
    return value;
  }

  /** A guest's write: changes writable bits only. */
  write(offset: number, size: number, value: number): void {
    for (let i = 0; i < size; i++) {
      const mask = this.#writable[offset + i];
      const byte = (value >>> (8 * i)) & 0xff;
      this.#bytes[offset + i] = (this.#bytes[offset + i] & ~mask) | (byte & mask);
    }
  }

  /** Sets a field and which of its bits the guest may change. */
  define(offset: number, size: 1 | 2 | 4, value: number, writable = 0): void {
    if (size === 4) {
      this.#view.setUint32(offset, value, true);
      this.#mask.setUint32(offset, writable, true);
    } else if (size === 2) {
      this.#view.setUint16(offset, value, true);
      this.#mask.setUint16(offset, writable, true);
    } else {
      this.#bytes[offset] = value;
      this.#writable[offset] = writable;
    }
  }

  get command(): number {
    return this.#view.getUint16(COMMAND, true);
  }

  save(): Uint8Array {
    return this.#bytes.slice();
  }

  restore(bytes: Uint8Array): void {
    this.#bytes.set(bytes);
  }
}
