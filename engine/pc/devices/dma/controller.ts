// The registers of one 8237A DMA controller (Intel data sheet 231466, as the PIIX has it: 82371AB data sheet, 4.2), and what
// becomes of a channel's address and count as units are transferred.
//
// The PIIX has no memory-to-memory transfers. Priorities, timing and the sense of DREQ and DACK are kept as written and change
// nothing here.
import type { DmaControllerState } from './persist.ts';

const STATUS = 8; // command when written
const REQUEST = 9;
const SINGLE_MASK = 10;
const MODE = 11;
const CLEAR_FLIP_FLOP = 12;
const MASTER_CLEAR = 13; // temporary register when read
const CLEAR_MASK = 14;
const ALL_MASK = 15;

const COMMAND_DISABLE = 0x04;
const MODE_AUTOINITIALIZE = 0x10;
const MODE_DECREMENT = 0x20;
const MODE_CASCADE = 0xc0;

/** As bits 3..2 of the mode have it; 3 is illegal and moves nothing. */
type TransferType = 'verify' | 'to-memory' | 'from-memory' | 'none';
const TRANSFER_TYPES: readonly TransferType[] = ['verify', 'to-memory', 'from-memory', 'none'];

export class DmaController {
  readonly #dreq: () => number;
  #s = initialState();

  /** `dreq`: the channels whose devices ask now, a bit each. */
  constructor(dreq: () => number) {
    this.#dreq = dreq;
  }

  /** `register` 0..15. */
  read(register: number): number {
    const s = this.#s;
    if (register < STATUS) {
      const value = (register & 1 ? s.count : s.address)[register >> 1];
      return this.#flip() ? value >> 8 : value & 0xff;
    }
    if (register === STATUS) {
      const status = ((s.requests | this.#dreq()) << 4) | s.terminalCounts;
      s.terminalCounts = 0;
      return status;
    }
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
        Object.assign(s, { command: 0, mask: 0x0f, requests: 0, terminalCounts: 0, highByte: false, temporary: 0 });
        break;
      case CLEAR_MASK:
        s.mask = 0;
        break;
      case ALL_MASK:
        s.mask = value & 0x0f;
    }
  }

  // ---- Channels, 0..3

  get enabled(): boolean {
    return (this.#s.command & COMMAND_DISABLE) === 0;
  }

  masked(channel: number): boolean {
    return (this.#s.mask & (1 << channel)) !== 0;
  }

  softwareRequested(channel: number): boolean {
    return (this.#s.requests & (1 << channel)) !== 0;
  }

  /** The channel leaves the bus to what is behind it. */
  cascades(channel: number): boolean {
    return (this.#s.mode[channel] & MODE_CASCADE) === MODE_CASCADE;
  }

  transferType(channel: number): TransferType {
    return TRANSFER_TYPES[(this.#s.mode[channel] >> 2) & 3];
  }

  decrements(channel: number): boolean {
    return (this.#s.mode[channel] & MODE_DECREMENT) !== 0;
  }

  /** 16 bits, of the next unit (byte or word). */
  address(channel: number): number {
    return this.#s.address[channel];
  }

  /** Units until terminal count, 1..65536. */
  remaining(channel: number): number {
    return this.#s.count[channel] + 1;
  }

  /** `units` were transferred, `remaining` at most. Returns whether that was terminal count. */
  advance(channel: number, units: number): boolean {
    const s = this.#s;
    const terminal = units === this.remaining(channel);
    s.address[channel] = (s.address[channel] + (this.decrements(channel) ? -units : units)) & 0xffff;
    s.count[channel] = (s.count[channel] - units) & 0xffff;
    if (!terminal) return false;
    const bit = 1 << channel;
    s.terminalCounts |= bit;
    s.requests &= ~bit;
    if (s.mode[channel] & MODE_AUTOINITIALIZE) {
      s.address[channel] = s.baseAddress[channel];
      s.count[channel] = s.baseCount[channel];
    } else s.mask |= bit;
    return true;
  }

  // ---- Device

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
    terminalCounts: 0,
    highByte: false,
    temporary: 0,
  };
}
