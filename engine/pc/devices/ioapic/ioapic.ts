// The I/O APIC (Intel 82093AA datasheet, order 290566) as QEMU's `pc` has it: 24 inputs at FEC00000h, and the EOI register of version 20h. The
// interrupt lines of the ISA bus are inputs 0 to 15, but for the timer's, which is on input 2; PCI interrupts are among them, as the chipset
// routes them. Nothing is on the others.
//
// An asserted input is one that is high, whatever polarity its entry says: so it is in QEMU, and guests program PCI inputs in either way.
import {
  type ApicBus,
  type ApicMessage,
  DELIVERY_FIXED,
  DELIVERY_LOWEST_PRIORITY,
  DELIVERY_MODE,
  LOGICAL_DESTINATION_MODE,
} from '../../bus/apic-bus.ts';
import type { Device, InterruptLine } from '../../bus/device.ts';
import type { MmioBus } from '../../bus/mmio-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { IoApicState } from './persist.ts';

export const IO_APIC_BASE = 0xfec00000;
const SIZE = 0x1000;
const INPUTS = 24;
export const TIMER_IRQ = 0;
export const TIMER_INPUT = 2;

// Memory-mapped registers (§3.1)
const SELECT = 0x00;
const WINDOW = 0x10;
/** Since version 20h. */
const END_OF_INTERRUPT = 0x40;
export const VERSION_WITH_EOI = 0x20;

// Registers behind the window (§3.2)
const IDENTIFICATION = 0x00;
const VERSION = 0x01;
const ARBITRATION = 0x02;
const REDIRECTION = 0x10;
const ID_MASK = 0x0f000000;
const HIGHEST_ENTRY_SHIFT = 16;

// Redirection entries (§3.2.4)
const VECTOR = 0xff;
const DELIVERY_STATUS = 1 << 12;
const REMOTE_IRR = 1 << 14;
const LEVEL = 1 << 15;
const MASKED = 1 << 16;
const WRITABLE = 0x1ffff & ~(DELIVERY_STATUS | REMOTE_IRR);
const DESTINATION = 0xff000000;
const DESTINATION_SHIFT = 24;

export class IoApic implements Device<IoApicState> {
  readonly name = 'ioapic';
  readonly #bus: ApicBus;
  readonly #version: number;
  #s = initialState();

  /** `version`: of the chip, 11h or 20h. */
  constructor(bus: ApicBus, version: number) {
    this.#bus = bus;
    this.#version = version;
    bus.connectSender({ endOfInterrupt: (vector) => this.#endOfInterrupt(vector), resend: () => this.#resend() });
  }

  attach(mmio: MmioBus): void {
    // Registers are 32 bits wide, on 16 bytes; the first 256 bytes are decoded, again and again.
    mmio.register(IO_APIC_BASE, SIZE, {
      read: (offset) => this.#read(offset & 0xff),
      write: (offset, _size, value) => this.#write(offset & 0xff, value),
    });
  }

  /** The input that an interrupt line of the ISA bus is on. */
  line(irq: number): InterruptLine {
    const input = irq === TIMER_IRQ ? TIMER_INPUT : irq;
    return (level) => this.#setInput(input, level);
  }

  reset(): void {
    this.#s = { ...initialState(), lines: this.#s.lines };
  }

  save(): IoApicState {
    return { ...this.#s, low: [...this.#s.low], high: [...this.#s.high] };
  }

  restore(state: IoApicState): void {
    const { low, high, ...form } = requireForm(this.name, state, this.save());
    this.#s = { ...form, low: entries(low, MASKED), high: entries(high, 0) };
  }

  #read(register: number): number {
    if (register === SELECT) return this.#s.select;
    return register === WINDOW ? this.#readSelected() : 0;
  }

  #readSelected(): number {
    const { select, id, low, high } = this.#s;
    switch (select) {
      case IDENTIFICATION:
      case ARBITRATION: // loaded with the ID, and there is nobody to arbitrate with
        return id;
      case VERSION:
        return ((INPUTS - 1) << HIGHEST_ENTRY_SHIFT) | this.#version;
    }
    const input = (select - REDIRECTION) >> 1;
    if (select < REDIRECTION || input >= INPUTS) return 0;
    if (select & 1) return high[input];
    return this.#isWaiting(input) ? low[input] | DELIVERY_STATUS : low[input];
  }

  #write(register: number, value: number): void {
    if (register === SELECT) this.#s.select = value & 0xff;
    else if (register === WINDOW) this.#writeSelected(value);
    else if (register === END_OF_INTERRUPT && this.#version >= VERSION_WITH_EOI) this.#endOfInterrupt(value & VECTOR);
  }

  #writeSelected(value: number): void {
    const { select, high } = this.#s;
    if (select === IDENTIFICATION) this.#s.id = value & ID_MASK;
    const input = (select - REDIRECTION) >> 1;
    if (select < REDIRECTION || input >= INPUTS) return;
    if (select & 1) high[input] = (value & DESTINATION) >>> 0;
    else this.#writeLow(input, value);
    this.#service(input);
  }

  /** An entry that becomes edge-triggered loses its remote IRR: so systems end an interrupt where there is no EOI register. */
  #writeLow(input: number, value: number): void {
    const { low } = this.#s;
    const entry = (value & WRITABLE) | (low[input] & REMOTE_IRR);
    if (isLevel(entry)) this.#s.requests &= ~(1 << input);
    low[input] = isLevel(entry) ? entry : entry & ~REMOTE_IRR;
  }

  /** Edges on a masked input are lost (§3.2.4, bit 16). */
  #setInput(input: number, level: boolean): void {
    const s = this.#s;
    const bit = 1 << input;
    const wasHigh = (s.lines & bit) !== 0;
    if (level === wasHigh) return;
    s.lines ^= bit;
    const entry = s.low[input];
    if (!level || entry & MASKED) return;
    if (!isLevel(entry)) s.requests |= bit;
    this.#service(input);
  }

  /** There is something that no processor has taken. */
  #isWaiting(input: number): boolean {
    const { low, lines, requests } = this.#s;
    const entry = low[input];
    if (entry & MASKED) return false;
    const bit = 1 << input;
    return isLevel(entry) ? (lines & bit) !== 0 && (entry & REMOTE_IRR) === 0 : (requests & bit) !== 0;
  }

  #service(input: number): void {
    if (!this.#isWaiting(input)) return;
    const s = this.#s;
    if (!this.#bus.send(message(s.low[input], s.high[input]))) return;
    if (isLevel(s.low[input])) s.low[input] |= REMOTE_IRR;
    else s.requests &= ~(1 << input);
  }

  /** A level that is still there interrupts again. */
  #endOfInterrupt(vector: number): void {
    const { low } = this.#s;
    for (const [input, entry] of low.entries()) {
      if ((entry & VECTOR) !== vector || (entry & REMOTE_IRR) === 0) continue;
      low[input] = entry & ~REMOTE_IRR;
      this.#service(input);
    }
  }

  #resend(): void {
    for (let input = 0; input < INPUTS; input++) this.#service(input);
  }
}

/** NMI, SMI, INIT and ExtINT are edges, whatever the entry says (§3.2.4, bits 10..8). */
function isLevel(entry: number): boolean {
  const mode = entry & DELIVERY_MODE;
  return (entry & LEVEL) !== 0 && (mode === DELIVERY_FIXED || mode === DELIVERY_LOWEST_PRIORITY);
}

function message(low: number, high: number): ApicMessage {
  return {
    mode: low & DELIVERY_MODE,
    vector: low & VECTOR,
    level: isLevel(low),
    destination: high >>> DESTINATION_SHIFT,
    logical: (low & LOGICAL_DESTINATION_MODE) !== 0,
  };
}

/** As many as there are inputs. */
function entries(saved: readonly number[], otherwise: number): number[] {
  return Array.from({ length: INPUTS }, (_, input) => saved[input] ?? otherwise);
}

function initialState(): IoApicState {
  return { version: 1, id: 0, select: 0, low: entries([], MASKED), high: entries([], 0), lines: 0, requests: 0 };
}
