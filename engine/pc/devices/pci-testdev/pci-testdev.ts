// QEMU's pci-testdev (docs/specs/pci-testdev.rst there), which kernel unit tests write to: BAR 0 in memory, BAR 1 in ports, each
// with a header that says where and what a test is to write, and counts such writes. Of each three tests, two are for
// hypervisors that can note a write without looking at it; what they note is not in the count.
import type { Device } from '../../bus/device.ts';
import type { MmioBus } from '../../bus/mmio-bus.ts';
import type { IoPortBus } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { type BarHandler, memoryWindow, portWindow } from '../pci/bar-window.ts';
import { BAR0, COMMAND, COMMAND_IO, COMMAND_MEMORY } from '../pci/config-space.ts';
import { QEMU_SUBSYSTEM } from '../pci/identities.ts';
import { PciDevice } from '../pci/pci-device.ts';
import type { PciTestdevState } from './persist.ts';

const RED_HAT = 0x1b36;
const PCI_TESTDEV = 0x0005;
const MEMORY_SIZE = 0x1000;
const PORTS_SIZE = 0x100;

/** Where QEMU's firmware puts the BARs of the only card. */
const MEMORY_BASE = 0xfebff000;
const PORTS_BASE = 0xc000;

// The header
const TEST = 0;
const WIDTH = 1;
const OFFSET = 4;
const DATA = 8;
const COUNT = 12;
const NAME = 16;
const HEADER_SIZE = 64;
const NO_TEST = -1;

interface Test {
  name: string;
  data: number;
  /** Offset in its BAR of the byte that is to be written. */
  offset: number;
  /** Is this write only noted? */
  noted(size: number, value: number): boolean;
}

const KINDS = ['no-eventfd', 'wildcard-eventfd', 'datamatch-eventfd'] as const;
const COUNTED_DATA = 0xfa;
const WILDCARD_DATA = 0xce;

/** `wideWildcard`: the wildcard is for writes of every size. */
function testsOf(bar: string, firstOffset: number, wideWildcard: boolean): Test[] {
  return KINDS.map((kind, n) => {
    const data = kind === 'wildcard-eventfd' ? WILDCARD_DATA : COUNTED_DATA;
    const noted = {
      'no-eventfd': () => false,
      'wildcard-eventfd': (size: number) => wideWildcard || size === 1,
      'datamatch-eventfd': (size: number, value: number) => size === 1 && value === data,
    }[kind];
    return { name: `${bar}-${kind}`, data, offset: firstOffset + n, noted };
  });
}

const MEMORY_TESTS = testsOf('mmio', 0x800, true);
// The number of a test counts on through both BARs; the offset of the second one's as well.
const TESTS = [...MEMORY_TESTS, ...testsOf('portio', 0x80 + MEMORY_TESTS.length, false)];

export class PciTestdev implements Device<PciTestdevState> {
  readonly name = 'pci-testdev';
  readonly pci: PciDevice;
  #test = NO_TEST;
  #count = 0;

  /** `placed`: the BARs are where firmware would have put them, for a kernel that is started without. */
  constructor(ports: IoPortBus, mmio: MmioBus, placed: boolean) {
    const classCode = 0x00ff00;
    this.pci = new PciDevice({ vendorId: RED_HAT, deviceId: PCI_TESTDEV, revision: 0, classCode, ...QEMU_SUBSYSTEM });
    this.pci.defineBar(0, 'memory', MEMORY_SIZE, memoryWindow(mmio, MEMORY_SIZE, this.#bar(0)));
    this.pci.defineBar(1, 'io', PORTS_SIZE, portWindow(ports, PORTS_SIZE, this.#bar(MEMORY_TESTS.length)));
    if (!placed) return;
    this.pci.config.write(BAR0, 4, MEMORY_BASE);
    this.pci.config.write(BAR0 + 4, 4, PORTS_BASE);
    this.pci.config.write(COMMAND, 2, COMMAND_IO | COMMAND_MEMORY);
  }

  reset(): void {
    this.#test = NO_TEST;
    this.#count = 0;
  }

  save(): PciTestdevState {
    return { version: 1, test: this.#test, count: this.#count };
  }

  restore(state: PciTestdevState): void {
    const { test, count } = requireForm(this.name, state, this.save());
    this.#test = test;
    this.#count = count;
  }

  /** The BAR whose tests begin with `first`. Accesses that are not aligned do not reach the device. */
  #bar(first: number): BarHandler {
    return {
      read: (offset, size) => {
        if (offset % size !== 0 || offset >= HEADER_SIZE) return 0;
        const header = this.#header;
        let value = 0;
        for (let i = size - 1; i >= 0; i--) value = value * 256 + header[offset + i];
        return value;
      },
      write: (offset, size, value) => {
        if (offset % size !== 0) return;
        if (offset === TEST) this.#choose(first, value & 0xff);
        else this.#write(offset, size, value);
      },
    };
  }

  #choose(first: number, n: number): void {
    this.#test = n < KINDS.length ? first + n : NO_TEST;
    this.#count = 0;
  }

  #write(offset: number, size: number, value: number): void {
    const test = this.#chosen;
    if (!test) return;
    if (offset === test.offset && test.noted(size, value)) return;
    for (let i = 0; i < size; i++) {
      if (offset + i === test.offset && ((value >>> (8 * i)) & 0xff) === test.data) this.#count++;
    }
  }

  get #chosen(): Test | undefined {
    return TESTS[this.#test];
  }

  get #header(): Uint8Array {
    const bytes = new Uint8Array(HEADER_SIZE);
    const test = this.#chosen;
    if (!test) return bytes;
    const view = new DataView(bytes.buffer);
    bytes[TEST] = this.#test;
    bytes[WIDTH] = 1;
    view.setUint32(OFFSET, test.offset, true);
    bytes[DATA] = test.data;
    view.setUint32(COUNT, this.#count, true);
    bytes.set(new TextEncoder().encode(test.name), NAME);
    return bytes;
  }
}
