// The fixed hardware of ACPI (ACPI 6.4, §4.8.3): PM1a event and control blocks, power-management timer. ACPI mode is always
// on: SCI_EN reads as one. Of the sleeping states only S5, soft off, exists.
//
//   +0 PM1_STS (word)   +2 PM1_EN (word)   +4 PM1_CNT (word)   +8 PM_TMR (dword, 24 bits, 3.579545 MHz)
import type { Clock, Device, InterruptLine, TimerHandle } from '../../bus/device.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { PM_TIMER_PORT, PM1_CONTROL_PORT, PM1_EVENT_PORT, SLEEP_TYPE_S5 } from '../pci/acpi-registers.ts';
import type { AcpiPmState } from './persist.ts';

/** Where the registers are in the block, whose place the power-management function of the chipset reports. */
const CONTROL = PM1_CONTROL_PORT - PM1_EVENT_PORT;
const TIMER = PM_TIMER_PORT - PM1_EVENT_PORT;
export const PM_BLOCK_SIZE = TIMER + 4;

export const PM_TIMER_HZ = 3579545;
/** Ticks between changes of the timer's highest bit. */
const CARRY = 1 << 23;

const TMR_STS = 0x0001;
const PWRBTN_STS = 0x0100;
/** Timer, bus master, global lock, power and sleep button, RTC, wake: cleared by writing a one. */
const STATUS_BITS = 0x8731;
const ENABLE_BITS = 0x0721;
const SCI_EN = 0x0001;
const CONTROL_BITS = 0x1c06; // SLP_TYP, GBL_RLS, BM_RLD
const SLP_EN = 0x2000;

export interface AcpiPmWiring {
  clock: Clock;
  /** The SCI. */
  irq: InterruptLine;
  /** The guest entered S5. */
  powerOff: () => void;
}

export class AcpiPm implements Device<AcpiPmState> {
  readonly name = 'acpi-pm';
  readonly #clock: Clock;
  readonly #irq: InterruptLine;
  readonly #powerOff: () => void;
  #status = 0;
  #enable = 0;
  #control = 0;
  #seenCarry = 0;
  #timer: TimerHandle | undefined;

  constructor({ clock, irq, powerOff }: AcpiPmWiring) {
    this.#clock = clock;
    this.#irq = irq;
    this.#powerOff = powerOff;
  }

  /** `offset` counts from the block's first port; an access does not cross the end of its PM_BLOCK_SIZE ports. */
  read(offset: number, size: number): number {
    // One look at the clock for all four bytes.
    const timer = offset + size > TIMER ? this.#ticks() % 2 ** 24 : 0;
    let value = 0;
    for (let i = 0; i < size; i++) value += this.#readByte(offset + i, timer) * 2 ** (8 * i);
    return value;
  }

  write(offset: number, size: number, value: number): void {
    for (let i = offset; i < offset + size; i++) {
      const byte = (value >>> (8 * (i - offset))) & 0xff;
      if (i < CONTROL) this.#writeEvent(i, byte);
      else if (i < CONTROL + 2) this.#writeControl(i - CONTROL, byte);
    }
  }

  #readByte(offset: number, timer: number): number {
    if (offset < CONTROL) return this.#readEvent(offset) & 0xff;
    if (offset < CONTROL + 2) return ((this.#control | SCI_EN) >> (8 * (offset - CONTROL))) & 0xff;
    return offset < TIMER ? 0xff : (timer >>> (8 * (offset - TIMER))) & 0xff;
  }

  /** The power button: an event of the fixed hardware (§4.8.2.2.1). Who has not enabled it finds its status set later. */
  press(): void {
    this.#status |= PWRBTN_STS;
    this.#update();
  }

  reset(): void {
    this.#status = 0;
    this.#enable = 0;
    this.#control = 0;
    this.#seenCarry = this.#carry();
    this.#update();
  }

  save(): AcpiPmState {
    return {
      version: 1,
      status: this.#status,
      enable: this.#enable,
      control: this.#control,
      seenCarry: this.#seenCarry,
    };
  }

  restore(state: AcpiPmState): void {
    const form = requireForm(this.name, state, this.save());
    this.#status = form.status;
    this.#enable = form.enable;
    this.#control = form.control;
    this.#seenCarry = form.seenCarry;
    this.#update();
  }

  #ticks(): number {
    return Math.floor(this.#clock.now() * (PM_TIMER_HZ / 1e9));
  }

  #carry(): number {
    return Math.floor(this.#ticks() / CARRY);
  }

  #readEvent(offset: number): number {
    this.#update();
    return (offset < 2 ? this.#status : this.#enable) >> (8 * (offset & 1));
  }

  #writeEvent(offset: number, byte: number): void {
    const shift = 8 * (offset & 1);
    this.#update();
    if (offset < 2) this.#status &= ~((byte << shift) & STATUS_BITS);
    else this.#enable = ((this.#enable & ~(0xff << shift)) | (byte << shift)) & ENABLE_BITS;
    this.#update();
  }

  #writeControl(offset: number, byte: number): void {
    const shift = 8 * offset;
    const value = (this.#control & ~(0xff << shift)) | (byte << shift);
    this.#control = value & CONTROL_BITS;
    if (offset === 1 && value & SLP_EN && ((value >> 10) & 7) === SLEEP_TYPE_S5) this.#powerOff();
  }

  /** Raises TMR_STS if the timer's highest bit has changed, drives the SCI, and sets a timer while its interrupt is enabled. */
  #update(): void {
    const carry = this.#carry();
    if (carry !== this.#seenCarry) this.#status |= TMR_STS;
    this.#seenCarry = carry;
    this.#irq((this.#status & this.#enable) !== 0);
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#enable & TMR_STS && !(this.#status & TMR_STS)) {
      const deadline = Math.ceil((carry + 1) * CARRY * (1e9 / PM_TIMER_HZ)) + 1;
      this.#timer = this.#clock.schedule(deadline, () => this.#update());
    }
  }
}
