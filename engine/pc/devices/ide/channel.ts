// One of the controller's two channels: the registers through which the guest reaches its one or two drives (ATA/ATAPI-6, §5, §7).
//
// Both drives take what is written to the command block, the selected one answers and executes. Where only device 0 is
// there it answers for device 1 (§9.16.1): status 00h, commands ignored. Where there is none, reads are 00h: nothing asserts a status, and
// firmware finds an empty channel at once.

import type { InterruptLine, PortHandler } from '../../bus/device.ts';
import { BusMaster, type BusMasterWiring } from './bus-master.ts';
import type { AtaDrive } from './drive.ts';
import type { ChannelState } from './persist.ts';
import * as R from './registers.ts';

const DEVICE_RESET = 0x08;
const EXECUTE_DIAGNOSTIC = 0x90;

export type Unit = 0 | 1;

export class Channel {
  readonly busMaster: BusMaster;
  readonly #irq: InterruptLine;
  readonly #drives: [AtaDrive | undefined, AtaDrive | undefined] = [undefined, undefined];
  #selected: Unit = 0;
  #control = 0;
  #interrupt = false;

  constructor(irq: InterruptLine, busMaster: Omit<BusMasterWiring, 'drive'>) {
    this.#irq = irq;
    this.busMaster = new BusMaster({
      ...busMaster,
      drive: () => this.#drives.find((drive) => (drive?.dmaBytes ?? 0) > 0),
    });
  }

  /** False: there is one already. */
  connect(unit: Unit, drive: AtaDrive): boolean {
    if (this.#drives[unit]) return false;
    this.#drives[unit] = drive;
    drive.connectHost({
      interruptChanged: () => this.#drive(),
      dmaRequested: () => this.busMaster.proceed(),
    });
    return true;
  }

  // ---- Registers

  /** The command block at ports `base` to `base` + 7. */
  commandBlock(base: number): PortHandler {
    return {
      read: (port, size) => {
        if (port === base) return this.#drives[this.#selected]?.readData(size) ?? 0;
        let value = 0;
        for (let i = 0; i < size; i++) value += this.#read(port - base + i) * 2 ** (8 * i);
        return value;
      },
      write: (port, size, value) => {
        if (port === base) this.#drives[this.#selected]?.writeData(size, value);
        else for (let i = 0; i < size; i++) this.#write(port - base + i, (value >>> (8 * i)) & 0xff);
      },
    };
  }

  /** Alternate status and device control, one port. */
  readonly controlBlock: PortHandler = {
    read: () => this.#drives[this.#selected]?.file.status ?? 0,
    write: (_port, _size, value) => this.#writeControl(value & 0xff),
  };

  #read(offset: number): number {
    const drive = this.#drives[this.#selected];
    if (offset === R.STATUS) return drive?.readStatus() ?? 0;
    const answering = drive ?? this.#drives[0];
    if (!answering) return 0;
    if (offset === R.ERROR && !drive) return 0;
    return R.readRegister(answering.file, offset, (this.#control & R.HOB) !== 0);
  }

  #write(offset: number, value: number): void {
    this.#control &= ~R.HOB;
    if (offset === R.STATUS) {
      this.#command(value);
      return;
    }
    for (const drive of this.#drives) if (drive) R.writeRegister(drive.file, offset, value);
    if (offset !== R.DEVICE) return;
    this.#selected = value & R.DEV ? 1 : 0;
    this.#drive();
  }

  #command(code: number): void {
    if (this.#control & R.SRST) return;
    const drive = this.#drives[this.#selected];
    // A drive at work takes no command, except that a packet device can be reset by one.
    const atWork = (drive?.file.status ?? 0) & (R.BSY | R.DRQ) && !(code === DEVICE_RESET && drive?.packet);
    if (code === EXECUTE_DIAGNOSTIC) this.#diagnose();
    else if (!atWork) drive?.execute(code);
  }

  /** Whichever is selected, both do it, and device 0 reports (ATA/ATAPI-6, §8.11). */
  #diagnose(): void {
    if (this.#drives.some((drive) => drive && drive.file.status & (R.BSY | R.DRQ))) return;
    this.#selected = 0;
    for (const drive of this.#drives) {
      drive?.breakOff();
      drive?.setSignature();
    }
    this.#drives[0]?.diagnosed();
  }

  #writeControl(value: number): void {
    const before = this.#control;
    this.#control = value;
    if (value & R.SRST && !(before & R.SRST)) this.#beginReset();
    else if (before & R.SRST && !(value & R.SRST)) this.#endReset();
    this.#drive();
  }

  #beginReset(): void {
    for (const drive of this.#drives) {
      drive?.breakOff();
      if (drive) drive.file.status = R.BSY | R.DSC;
    }
  }

  #endReset(): void {
    this.#selected = 0;
    for (const drive of this.#drives) drive?.setSignature();
  }

  /** The selected drive's interrupt, if interrupts are enabled, reaches the line and the bus master's status. */
  #drive(): void {
    const asserted = (this.#drives[this.#selected]?.interrupt ?? false) && !(this.#control & R.NIEN);
    if (asserted === this.#interrupt) return;
    this.#interrupt = asserted;
    if (asserted) this.busMaster.interrupted();
    this.#irq(asserted);
  }

  // ---- Device

  /** The drives are reset by themselves. */
  reset(): void {
    this.#selected = 0;
    this.#control = 0;
    this.busMaster.reset();
    this.#interrupt = false;
    this.#irq(false);
  }

  save(): ChannelState {
    return {
      selected: this.#selected,
      control: this.#control,
      interrupt: this.#interrupt,
      busMaster: this.busMaster.save(),
    };
  }

  restore(form: ChannelState): void {
    this.#selected = form.selected === 1 ? 1 : 0;
    this.#control = form.control & 0xff;
    this.busMaster.restore(form.busMaster);
    this.#interrupt = form.interrupt;
    this.#irq(form.interrupt);
  }
}
