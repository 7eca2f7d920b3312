// QEMU's firmware configuration device, its classic interface (QEMU docs/specs/fw_cfg): a selector at port 510h and a data
// port at 511h that gives the selected item byte by byte. By it firmware and test kernels learn how many CPUs and how much
// memory there are. Only what describes this machine is offered: no files, no kernel to load.
import type { Device, PortBus } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { FwCfgState } from './persist.ts';

const SELECTOR = 0x510;
const DATA = 0x511;

const SIGNATURE = 0x00;
const INTERFACES = 0x01;
const UUID = 0x02;
const RAM_SIZE = 0x03;
const NO_GRAPHIC = 0x04;
const CPU_COUNT = 0x05;
const BOOT_MENU = 0x0e;
const MAXIMUM_CPU_COUNT = 0x0f;
const FILE_DIRECTORY = 0x19;

/** Interface bits: the classic one, without DMA. */
const TRADITIONAL = 1;

export class FwCfg implements Device<FwCfgState> {
  readonly name = 'fw-cfg';
  readonly #items: ReadonlyMap<number, Uint8Array>;
  #selected = SIGNATURE;
  #position = 0;

  constructor(memoryMiB: number) {
    this.#items = new Map([
      [SIGNATURE, new TextEncoder().encode('QEMU')],
      [INTERFACES, littleEndian(TRADITIONAL, 4)],
      [UUID, new Uint8Array(16)],
      [RAM_SIZE, littleEndian(memoryMiB * 1024 * 1024, 8)],
      [NO_GRAPHIC, littleEndian(1, 2)],
      [CPU_COUNT, littleEndian(1, 2)],
      [BOOT_MENU, littleEndian(0, 2)],
      [MAXIMUM_CPU_COUNT, littleEndian(1, 2)],
      [FILE_DIRECTORY, new Uint8Array(4)],
    ]);
  }

  attach(ports: PortBus): void {
    // The selector is a word; its upper byte shares its port with the data.
    ports.register(SELECTOR, 2, {
      read: (port, size) => {
        let value = 0;
        for (let i = 0; i < size; i++) value += (port + i === DATA ? this.#next() : 0) * 2 ** (8 * i);
        return value;
      },
      write: (port, size, value) => {
        if (port !== SELECTOR || size !== 2) return;
        this.#selected = value;
        this.#position = 0;
      },
    });
  }

  reset(): void {
    this.#selected = SIGNATURE;
    this.#position = 0;
  }

  save(): FwCfgState {
    return { version: 1, selected: this.#selected, position: this.#position };
  }

  restore(state: FwCfgState): void {
    const form = requireForm(this.name, state, this.save());
    this.#selected = form.selected;
    this.#position = form.position;
  }

  /** Behind the end of an item, and for items there are not, zeros. */
  #next(): number {
    return this.#items.get(this.#selected)?.[this.#position++] ?? 0;
  }
}

function littleEndian(value: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
}
