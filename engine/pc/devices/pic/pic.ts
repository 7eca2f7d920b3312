// The PC's two 8259A: inputs 0..7 on the master, 8..15 on the slave, whose output is the master's input 2; trigger modes in
// the ELCR (Intel 82371 (PIIX) data sheet, "Edge/Level Control Registers").
//
//   20h, 21h master   A0h, A1h slave   4D0h, 4D1h ELCR
import type { Device, InterruptLine, PortBus } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { Chip } from './chip.ts';
import type { PicState } from './persist.ts';

const CASCADE = 2;
/** The default input of an acknowledge cycle without a request. */
const SPURIOUS = 7;
/** Timer, keyboard, cascade, RTC and coprocessor are always edge-triggered. */
const MASTER_ELCR = 0xf8;
const SLAVE_ELCR = 0xde;

export class Pic implements Device<PicState> {
  readonly name = 'pic';
  readonly #output: (level: boolean) => void;
  readonly #master: Chip = new Chip(() => this.#masterChanged(), MASTER_ELCR, 1 << CASCADE);
  readonly #slave: Chip = new Chip(() => this.#slaveChanged(), SLAVE_ELCR, 0);
  #level = false;
  #cascadeLevel = false;

  /** `output` is the INTR line to the CPU, called at changes and with its level after reset and restore. */
  constructor(output: (level: boolean) => void) {
    this.#output = output;
  }

  attach(ports: PortBus): void {
    for (const [port, chip] of [
      [0x20, this.#master],
      [0xa0, this.#slave],
    ] as const) {
      ports.register(
        port,
        2,
        bytePorts(
          (p) => chip.read(p & 1),
          (p, value) => chip.write(p & 1, value),
        ),
      );
    }
    const elcr = [this.#master, this.#slave];
    ports.register(
      0x4d0,
      2,
      bytePorts(
        (p) => elcr[p & 1].elcr,
        (p, value) => {
          elcr[p & 1].elcr = value;
        },
      ),
    );
  }

  /** Input 0..15. Input 2 is the cascade and not to be had. */
  line(irq: number): InterruptLine {
    if (irq === CASCADE || irq < 0 || irq > 15) throw new RangeError(`no such interrupt line: ${irq}`);
    const chip = irq < 8 ? this.#master : this.#slave;
    return (level) => chip.setLine(irq & 7, level);
  }

  get interruptPending(): boolean {
    return this.#level;
  }

  /** The CPU's interrupt-acknowledge cycle. Returns the vector: of IRQ7 or IRQ15 when the request has gone (spurious). */
  acknowledge(): number {
    const input = this.#master.acknowledge();
    if (input !== CASCADE) return this.#master.vector(input ?? SPURIOUS);
    return this.#slave.vector(this.#slave.acknowledge() ?? SPURIOUS);
  }

  reset(): void {
    this.#slave.reset();
    this.#master.reset();
    this.#level = this.#master.output;
    this.#output(this.#level);
  }

  save(): PicState {
    return { version: 1, master: this.#master.save(), slave: this.#slave.save() };
  }

  restore(state: PicState): void {
    const { master, slave } = requireForm(this.name, state, this.save());
    this.#slave.restore(slave);
    this.#master.restore(master);
    this.#level = this.#master.output;
    this.#cascadeLevel = this.#slave.output;
    this.#output(this.#level);
  }

  #slaveChanged(): void {
    const level = this.#slave.output;
    if (level === this.#cascadeLevel) return;
    this.#cascadeLevel = level;
    this.#master.setLine(CASCADE, level);
  }

  #masterChanged(): void {
    const level = this.#master.output;
    if (level === this.#level) return;
    this.#level = level;
    this.#output(level);
  }
}
