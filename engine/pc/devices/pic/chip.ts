// One 8259A interrupt controller (Intel 8259A data sheet, order 231468): input lines, mask, priorities, initialization and
// operation command words. pic.ts makes a pair of them.
//
// An edge is kept in the request register until it is acknowledged, even if the line drops before: a virtual CPU may come
// late to a pulse that was long enough for a real one, and a lost timer tick is worse than a request without its cause.
// Level-triggered inputs request exactly while their line is high.
import type { ChipState } from './persist.ts';

const ICW1_IC4 = 0x01;
const ICW1_SNGL = 0x02;
const ICW1 = 0x10;
const ICW4_AEOI = 0x02;
const ICW4_SFNM = 0x10;
const OCW3 = 0x08;
const OCW3_RIS = 0x01;
const OCW3_RR = 0x02;
const OCW3_POLL = 0x04;
const OCW3_SMM = 0x20;
const OCW3_ESMM = 0x40;

export class Chip {
  #state: ChipState = initialState();
  #acknowledging = false;
  readonly #changed: () => void;
  /** Inputs whose trigger mode the ELCR may change. */
  readonly #elcrMask: number;
  /** Inputs with a slave behind them. */
  readonly #cascade: number;

  /** `changed` is called when the INT output may have changed. */
  constructor(changed: () => void, elcrMask: number, cascade: number) {
    this.#changed = changed;
    this.#elcrMask = elcrMask;
    this.#cascade = cascade;
  }

  setLine(input: number, level: boolean): void {
    const s = this.#state;
    const bit = 1 << input;
    if (level) {
      if (s.levelTriggered & bit || !(s.lines & bit)) s.requests |= bit;
      s.lines |= bit;
    } else {
      s.lines &= ~bit;
      if (s.levelTriggered & bit) s.requests &= ~bit;
    }
    this.#changed();
  }

  /** The INT output. It drops for a moment with each acknowledge, so that a further request is an edge again. */
  get output(): boolean {
    return !this.#acknowledging && this.#pending() !== undefined;
  }

  /** The input that would be acknowledged now: the highest unmasked request above everything in service. */
  #pending(): number | undefined {
    const s = this.#state;
    const requests = s.requests & ~s.mask;
    if (requests === 0) return undefined;
    // In special mask mode a masked input in service does not hold back others; in special fully nested mode a slave may
    // interrupt again while it is in service.
    const blocking = s.specialMask ? s.inService & ~s.mask : s.inService;
    for (let i = 1; i <= 8; i++) {
      const input = (s.lowestPriority + i) & 7;
      const bit = 1 << input;
      const nested = s.specialFullyNested && (this.#cascade & bit) !== 0;
      if (requests & bit && (nested || !(blocking & bit))) return input;
      if (blocking & bit) return undefined;
    }
    return undefined;
  }

  /**
   * An interrupt-acknowledge cycle. Returns the input, or undefined when nothing asks any more: the data sheet's default
   * IR7, with nothing put in service.
   */
  acknowledge(): number | undefined {
    const s = this.#state;
    const input = this.#pending();
    if (input === undefined) return undefined;
    const bit = 1 << input;
    if (!(s.levelTriggered & bit)) s.requests &= ~bit;
    if (!s.autoEoi) s.inService |= bit;
    else if (s.rotateOnAutoEoi) s.lowestPriority = input;
    this.#acknowledging = true;
    this.#changed();
    this.#acknowledging = false;
    this.#changed();
    return input;
  }

  vector(input: number): number {
    return this.#state.vectorBase | input;
  }

  /** `a0` selects the register, 0 the even port. */
  read(a0: number): number {
    const s = this.#state;
    if (s.poll) {
      s.poll = false;
      const input = this.acknowledge();
      return input === undefined ? 0x07 : 0x80 | input;
    }
    if (a0) return s.mask;
    return s.readInService ? s.inService : s.requests;
  }

  write(a0: number, value: number): void {
    if (a0 === 0 && value & ICW1) this.#initialize(value);
    else if (a0 === 0 && value & OCW3) this.#operate(value);
    else if (a0 === 0) this.#endOfInterrupt(value);
    else this.#writeOdd(value);
    this.#changed();
  }

  get elcr(): number {
    return this.#state.levelTriggered;
  }

  set elcr(value: number) {
    const s = this.#state;
    s.levelTriggered = value & this.#elcrMask;
    s.requests = (s.requests & ~s.levelTriggered) | (s.lines & s.levelTriggered);
    this.#changed();
  }

  #initialize(icw1: number): void {
    const { lines, levelTriggered } = this.#state;
    this.#state = {
      ...initialState(),
      lines,
      levelTriggered,
      // The edge sense circuit is reset: only inputs that go up again request. Levels are seen as before.
      requests: lines & levelTriggered,
      expecting: 2,
      needsIcw4: (icw1 & ICW1_IC4) !== 0,
      single: (icw1 & ICW1_SNGL) !== 0,
    };
  }

  #writeOdd(value: number): void {
    const s = this.#state;
    switch (s.expecting) {
      case 2:
        s.vectorBase = value & 0xf8;
        s.expecting = s.single ? (s.needsIcw4 ? 4 : 0) : 3;
        break;
      case 3: // which input the cascade is on: fixed by the board
        s.expecting = s.needsIcw4 ? 4 : 0;
        break;
      case 4:
        s.autoEoi = (value & ICW4_AEOI) !== 0;
        s.specialFullyNested = (value & ICW4_SFNM) !== 0;
        s.expecting = 0;
        break;
      default:
        s.mask = value;
    }
  }

  #operate(ocw3: number): void {
    const s = this.#state;
    if (ocw3 & OCW3_POLL) s.poll = true;
    if (ocw3 & OCW3_RR) s.readInService = (ocw3 & OCW3_RIS) !== 0;
    if (ocw3 & OCW3_ESMM) s.specialMask = (ocw3 & OCW3_SMM) !== 0;
  }

  /** OCW2: R, SL and EOI in bits 7..5, a level in bits 2..0. */
  #endOfInterrupt(ocw2: number): void {
    const s = this.#state;
    const level = ocw2 & 7;
    switch (ocw2 >> 5) {
      case 0b001: // non-specific EOI
      case 0b101: // and rotate
        for (let i = 1; i <= 8; i++) {
          const input = (s.lowestPriority + i) & 7;
          const bit = 1 << input;
          if (!(s.inService & bit) || (s.specialMask && s.mask & bit)) continue;
          s.inService &= ~bit;
          if (ocw2 & 0x80) s.lowestPriority = input;
          break;
        }
        break;
      case 0b011: // specific EOI
        s.inService &= ~(1 << level);
        break;
      case 0b111: // specific EOI and rotate
        s.inService &= ~(1 << level);
        s.lowestPriority = level;
        break;
      case 0b110: // set priority
        s.lowestPriority = level;
        break;
      case 0b100:
        s.rotateOnAutoEoi = true;
        break;
      case 0b000:
        s.rotateOnAutoEoi = false;
        break;
      default: // 010: no operation
    }
  }

  reset(): void {
    this.#state = { ...initialState(), lines: this.#state.lines };
    this.#changed();
  }

  save(): ChipState {
    return { ...this.#state };
  }

  restore(state: ChipState): void {
    this.#state = { ...state };
    this.#changed();
  }
}

function initialState(): ChipState {
  return {
    lines: 0,
    requests: 0,
    inService: 0,
    mask: 0,
    levelTriggered: 0,
    vectorBase: 0,
    lowestPriority: 7,
    expecting: 0,
    needsIcw4: false,
    single: false,
    readInService: false,
    poll: false,
    specialMask: false,
    specialFullyNested: false,
    autoEoi: false,
    rotateOnAutoEoi: false,
  };
}
