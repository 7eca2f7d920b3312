// The vendor capabilities that show a driver where a virtio function's structures are (virtio 1.2, §4.1.4). Each is, in
// configuration space:
//
//   0 id u8 (09h)   1 next u8   2 length u8   3 type u8   4 bar u8   8 offset u32   12 length u32   16 more, by type
import { CAPABILITIES_POINTER, type ConfigSpace, STATUS, STATUS_CAPABILITIES } from '../pci/config-space.ts';
import {
  COMMON,
  COMMON_SIZE,
  DEVICE,
  INTERRUPT_STATUS,
  MODERN_BAR_SIZE,
  NOTIFY,
  NOTIFY_MULTIPLIER,
} from './modern-registers.ts';

const VENDOR_SPECIFIC = 0x09;
const TYPE_COMMON = 1;
const TYPE_NOTIFY = 2;
const TYPE_INTERRUPT_STATUS = 3;
const TYPE_DEVICE = 4;
const TYPE_WINDOW = 5;

const FIRST = 0x40;
const BAR = 4;
const OFFSET = 8;
const LENGTH = 12;
const EXTRA = 16;

/** Where the data of the window into the BAR lies; what surrounds it says which part of which BAR it shows. */
export interface Window {
  data: number;
  bar: number;
  offset: number;
  length: number;
}

/** Writes the list for structures in memory BAR `bar`. Returns the window's registers (VIRTIO_PCI_CAP_PCI_CFG, §4.1.4.9). */
export function defineCapabilities(config: ConfigSpace, bar: number, queues: number, deviceConfigSize: number): Window {
  const capabilities = [
    { type: TYPE_COMMON, size: EXTRA, offset: COMMON, length: COMMON_SIZE },
    { type: TYPE_INTERRUPT_STATUS, size: EXTRA, offset: INTERRUPT_STATUS, length: 1 },
    { type: TYPE_DEVICE, size: EXTRA, offset: DEVICE, length: deviceConfigSize },
    { type: TYPE_NOTIFY, size: EXTRA + 4, offset: NOTIFY, length: queues * NOTIFY_MULTIPLIER },
    { type: TYPE_WINDOW, size: EXTRA + 4, offset: 0, length: 0 },
  ];
  config.define(STATUS, 2, config.read(STATUS, 2) | STATUS_CAPABILITIES);
  config.define(CAPABILITIES_POINTER, 1, FIRST);
  let at = FIRST;
  for (const { type, size, offset, length } of capabilities) {
    const window = type === TYPE_WINDOW;
    config.define(at, 1, VENDOR_SPECIFIC);
    config.define(at + 1, 1, window ? 0 : at + size);
    config.define(at + 2, 1, size);
    config.define(at + 3, 1, type);
    config.define(at + BAR, 1, window ? 0 : bar, window ? 0xff : 0);
    config.define(at + OFFSET, 4, offset, window ? 0xffffffff : 0);
    config.define(at + LENGTH, 4, length, window ? 0xffffffff : 0);
    if (type === TYPE_NOTIFY) config.define(at + EXTRA, 4, NOTIFY_MULTIPLIER);
    if (!window) at += size;
  }
  return { data: at + EXTRA, bar: at + BAR, offset: at + OFFSET, length: at + LENGTH };
}

/** The offset in the BAR that the window shows now, for an access of `size` bytes; undefined if it shows nothing. */
export function windowTarget(config: ConfigSpace, window: Window, bar: number, size: number): number | undefined {
  const offset = config.read(window.offset, 4);
  const allowed =
    config.read(window.bar, 1) === bar &&
    config.read(window.length, 4) === size &&
    offset % size === 0 &&
    offset + size <= MODERN_BAR_SIZE;
  return allowed ? offset : undefined;
}
