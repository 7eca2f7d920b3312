// The registers of one Intel 8237A DMA controller (data sheet order 231466). No device of this machine asks for transfers,
// so none happen; the registers behave as a driver's probing and set-up expect.
import type { DmaControllerState } from './persist.ts';

const STATUS = 8; // command when written
const REQUEST = 9;
const SINGLE_MASK = 10;
const MODE = 11;
const CLEAR_FLIP_FLOP = 12;
const MASTER_CLEAR = 13; // temporary register when read
const CLEAR_MASK = 14;
const ALL_MASK = 15;

export class DmaController {
  #s = initialState();

  /** `register` 0..15. */
  read(register: number): number {
    const s = this.#s;
    if (register < STATUS) {
      const value = (register & 1 ? s.count : s.address)[register >> 1];
      return this.#flip() ? value >> 8 : value & 0xff;
    }
    if (register === STATUS) return s.requests << 4;
    if (register === MASTER_CLEAR) return s.temporary;
    if (register === ALL_MASK) return 0xf0 | s.mask;
    return 0xff;
  }

  write(register: number, value: number): void {
    const s = this.#s;
    if (register < STATUS) {
      const channel = register >> 1;
      const [base, current] = register & 1 ? [s.baseCount, s.count] : [s.baseAddress, s.address];
      base[channel] = this.#flip() ? (base[channel] & 0x00ff) | (value << 8) : (base[channel] & 0xff00) | value;
      current[channel] = base[channel];
      return;
    }
    const bit = 1 << (value & 3);
    const set = (value & 4) !== 0;
    switch (register) {
      case STATUS:
        s.command = value;
        break;
      case REQUEST:
        s.requests = set ? s.requests | bit : s.requests & ~bit;
        break;
      case SINGLE_MASK:
        s.mask = set ? s.mask | bit : s.mask & ~bit;
        break;
      case MODE:
        s.mode[value & 3] = value & 0xfc;
        break;
      case CLEAR_FLIP_FLOP:
        s.highByte = false;
        break;
      case MASTER_CLEAR:
        Object.assign(s, { command: 0, mask: 0x0f, requests: 0, highByte: false, temporary: 0 });
        break;
      case CLEAR_MASK:
        s.mask = 0;
        break;
      case ALL_MASK:
        s.mask = value & 0x0f;
    }
  }

  reset(): void {
    this.#s = initialState();
  }

  save(): DmaControllerState {
    return structuredClone(this.#s);
  }

  restore(state: DmaControllerState): void {
    this.#s = structuredClone(state);
  }

  /** Is this access of the high byte? */
  #flip(): boolean {
    const high = this.#s.highByte;
    this.#s.highByte = !high;
    return high;
  }
}

function initialState(): DmaControllerState {
  return {
    baseAddress: [0, 0, 0, 0],
    baseCount: [0, 0, 0, 0],
    address: [0, 0, 0, 0],
    count: [0, 0, 0, 0],
    mode: [0, 0, 0, 0],
    command: 0,
    mask: 0x0f,
    requests: 0,
    highByte: false,
    temporary: 0,
  };
}
