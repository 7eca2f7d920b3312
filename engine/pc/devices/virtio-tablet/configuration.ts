// What a virtio input device says of itself (virtio 1.2, §5.8.4 and §5.8.5): the driver selects a piece of information, and reads how long it
// is and what it is. Numbers of events and axes are Linux's (include/uapi/linux/input-event-codes.h), as the specification has it.

export const EV_SYN = 0;
export const EV_KEY = 1;
export const EV_REL = 2;
export const EV_ABS = 3;
export const REL_HWHEEL = 6;
export const REL_WHEEL = 8;
export const ABS_X = 0;
export const ABS_Y = 1;
/** By bit of PointerInput.buttons: BTN_LEFT, BTN_RIGHT, BTN_MIDDLE, BTN_SIDE, BTN_EXTRA. */
export const BUTTON_CODES = [0x110, 0x111, 0x112, 0x113, 0x114];
/** Of an axis. */
export const AXIS_MAXIMUM = 0x7fff;

const ID_NAME = 0x01;
const ID_SERIAL = 0x02;
const ID_DEVIDS = 0x03;
const EVENT_BITS = 0x11;
const ABSOLUTE_INFORMATION = 0x12;

const BUS_VIRTUAL = 6;
const RED_HAT = 0x1af4;
const TABLET = 3;

/** select u8, subsel u8, size u8, 5 reserved, 128 of information. */
export const CONFIGURATION_SIZE = 136;
export const INFORMATION = 8;

const EVENTS: Readonly<Record<number, readonly number[]>> = {
  [EV_KEY]: BUTTON_CODES,
  [EV_REL]: [REL_HWHEEL, REL_WHEEL],
  [EV_ABS]: [ABS_X, ABS_Y],
};

/** Empty: there is nothing of that kind. */
export function information(select: number, subselect: number): Uint8Array {
  switch (select) {
    case ID_NAME:
      return new TextEncoder().encode('tabvisor tablet');
    case ID_SERIAL:
      return new TextEncoder().encode('1');
    case ID_DEVIDS:
      return words16(BUS_VIRTUAL, RED_HAT, TABLET, 1);
    case EVENT_BITS:
      return bitmap(EVENTS[subselect] ?? []);
    case ABSOLUTE_INFORMATION:
      // Least, most, fuzz, flat, resolution.
      return subselect === ABS_X || subselect === ABS_Y ? words32(0, AXIS_MAXIMUM, 0, 0, 0) : new Uint8Array(0);
    default:
      return new Uint8Array(0);
  }
}

function bitmap(bits: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(bits.length === 0 ? 0 : (Math.max(...bits) >> 3) + 1);
  for (const bit of bits) bytes[bit >> 3] |= 1 << (bit & 7);
  return bytes;
}

function words16(...values: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(values).buffer);
}

function words32(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
