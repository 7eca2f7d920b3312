// The floppy disk controller: an Intel 82078 with 44 pins, which is compatible with the 82077AA, in PC AT mode at ports 3F0h..3F5h and
// 3F7h, on IRQ 6 and DMA channel 2, with up to two drives. (3F6h is the IDE controller's; 3F0h and 3F1h are not driven in AT mode.)
//
// A command goes through three phases: its bytes are taken, it is executed, its result is read. Execution begins a moment after the
// last byte, so no interrupt comes inside the access that starts it. Seeks of several drives overlap; the controller takes commands
// meanwhile. With DMA bytes go through channel 2 at safe points, without it through the FIFO port, where the INT pin falls and
// rises again for each part that the host's threshold asks for. Nothing overruns: the disk waits for the host.
import type { Clock, Device, InterruptLine, PortBus, TimerHandle } from '../../bus/device.ts';
import type { DmaChannel } from '../../bus/dma-channel.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import {
  COMMANDS,
  type CommandName,
  commandOf,
  type DiskCommand,
  DRIVE_SPECIFICATION_DONE,
  isDiskCommand,
} from './commands.ts';
import { DiskOperation } from './disk-operation.ts';
import type { FloppyDrive } from './drive.ts';
import { afterReset, afterSoftwareReset } from './initial-state.ts';
import { carryOutOnParameters } from './parameters.ts';
import type { FloppyControllerState } from './persist.ts';
import * as R from './registers.ts';
import { Seeks } from './seeks.ts';

const FIFO_BYTES = 16;
/** Guest time between a command and what comes of it. A real drive takes some ms; a program may count on some time. */
const EXECUTE_NS = 100e3;
const RESET_NS = 50e3;
export interface FloppyWiring {
  clock: Clock;
  /** IRQ 6. */
  irq: InterruptLine;
  /** Channel 2. */
  dma: DmaChannel;
  /** No firmware will take the controller out of its reset. */
  running: boolean;
}

export class FloppyController implements Device<FloppyControllerState> {
  readonly name = 'isa-fdc';
  readonly #clock: Clock;
  readonly #irq: InterruptLine;
  readonly #dma: DmaChannel;
  readonly #running: boolean;
  readonly #drives: (FloppyDrive | undefined)[] = [];
  readonly #operation: DiskOperation;
  readonly #seeks: Seeks;
  #timer: TimerHandle | undefined;
  #s: FloppyControllerState;

  constructor({ clock, irq, dma, running }: FloppyWiring) {
    this.#clock = clock;
    this.#irq = irq;
    this.#dma = dma;
    this.#running = running;
    this.#operation = new DiskOperation({
      drive: (unit) => this.#drives[unit],
      rate: () => R.RATES[this.#s.dataRate & R.DSR_RATE],
      now: () => clock.now(),
      headMoved: (unit, cylinder) => {
        this.#s.cylinders[unit] = cylinder;
      },
      hostPhaseChanged: () => this.#hostPhaseChanged(),
      finished: (result) => this.#finished(result),
    });
    this.#s = afterReset(this.#operation.save());
    this.#seeks = new Seeks({
      state: () => this.#s,
      drive: (unit) => this.#drives[unit],
      now: () => clock.now(),
      setInterrupt: (level) => this.#setInterrupt(level),
      changed: () => this.#schedule(),
    });
    const operation = this.#operation;
    const gate = () => !this.#nonDma && (this.#s.digitalOutput & R.DOR_DMA_GATE) !== 0;
    dma.connect({
      get direction() {
        return gate() ? operation.direction : undefined;
      },
      peek: () => operation.peek(),
      taken: (count, terminal) => operation.taken(count, terminal),
      get room() {
        return operation.left;
      },
      put: (bytes, terminal) => operation.put(bytes, terminal),
    });
  }

  /** Unit 0 or 1. */
  connectDrive(unit: number, drive: FloppyDrive): void {
    this.#drives[unit] = drive;
  }

  attach(ports: PortBus): void {
    const handler = bytePorts(
      (port) => this.#read(port - R.FDC_BASE),
      (port, value) => this.#write(port - R.FDC_BASE, value),
    );
    ports.register(R.FDC_BASE, R.FIFO + 1, handler);
    ports.register(R.FDC_BASE + R.DIR, 1, handler);
  }

  // ---- Registers

  #read(register: number): number {
    const s = this.#s;
    switch (register) {
      case R.DOR:
        return s.digitalOutput;
      case R.TDR:
        return s.tapeDrive;
      case R.MSR:
        return this.#mainStatus();
      case R.FIFO:
        return this.#readData();
      case R.DIR:
        return this.#drives[s.digitalOutput & R.DOR_UNIT]?.changed ? R.DIR_CHANGED : 0;
      default:
        return 0xff;
    }
  }

  #write(register: number, value: number): void {
    const s = this.#s;
    switch (register) {
      case R.DOR:
        this.#writeDigitalOutput(value);
        break;
      case R.TDR:
        s.tapeDrive = value & R.TDR_UNIT;
        break;
      case R.MSR:
        s.dataRate = value & ~R.DSR_RESET;
        // Its reset is over by itself.
        if (value & R.DSR_RESET && s.digitalOutput & R.DOR_RUN) {
          this.#softwareReset();
          this.#endReset();
        }
        break;
      case R.FIFO:
        this.#writeData(value);
        break;
      case R.DIR:
        s.dataRate = (s.dataRate & ~R.DSR_RATE) | (value & R.DSR_RATE);
        break;
    }
  }

  #writeDigitalOutput(value: number): void {
    const s = this.#s;
    const ran = (s.digitalOutput & R.DOR_RUN) !== 0;
    s.digitalOutput = value;
    const runs = (value & R.DOR_RUN) !== 0;
    if (ran && !runs) this.#softwareReset();
    if (!ran && runs) this.#endReset();
    this.#updateLine();
    this.#dma.request();
  }

  #mainStatus(): number {
    const s = this.#s;
    switch (s.phase) {
      case 'reset':
        return 0;
      case 'command':
        return R.MSR_READY | (s.command.length > 0 ? R.MSR_BUSY : 0) | s.driveBusy;
      case 'execution': {
        if (!this.#nonDma) return R.MSR_BUSY | s.driveBusy;
        const direction = this.#operation.direction;
        const ready = direction ? R.MSR_READY | (direction === 'to-memory' ? R.MSR_TO_HOST : 0) : 0;
        return ready | R.MSR_NON_DMA | R.MSR_BUSY | s.driveBusy;
      }
      case 'result':
        return R.MSR_READY | R.MSR_TO_HOST | R.MSR_BUSY | s.driveBusy;
    }
  }

  // ---- The FIFO port

  #readData(): number {
    const s = this.#s;
    if (s.phase === 'result') {
      if (s.resultInterrupt) {
        s.resultInterrupt = false;
        this.#setInterrupt(false);
        // A drive that has arrived meanwhile interrupts in its turn.
        if (s.senses.length > 0) this.#setInterrupt(true);
      }
      const value = s.result.shift() ?? 0;
      if (s.result.length === 0) s.phase = 'command';
      return value;
    }
    if (!this.#nonDma || this.#operation.direction !== 'to-memory') return 0;
    const [value] = this.#operation.peek();
    this.#operation.taken(1, false);
    this.#nextService();
    return value;
  }

  #writeData(value: number): void {
    const s = this.#s;
    if (s.phase === 'command') this.#takeCommandByte(value);
    else if (s.phase === 'execution' && this.#nonDma && this.#operation.direction === 'from-memory') {
      this.#operation.put(Uint8Array.of(value), false);
      this.#nextService();
    }
  }

  #takeCommandByte(value: number): void {
    const s = this.#s;
    s.command.push(value);
    const name = commandOf(s.command[0]);
    if (!name) {
      s.command = [];
      this.#answer(R.ST0_INVALID);
      return;
    }
    const done =
      s.command.length === COMMANDS[name].length ||
      (name === 'driveSpecification' && s.command.length > 1 && (value & DRIVE_SPECIFICATION_DONE) !== 0);
    if (!done) return;
    const command = s.command;
    s.command = [];
    // What a reset has left to be sensed is not, once there is another command.
    if (s.polled && name !== 'senseInterrupt') this.#seeks.forgetSenses();
    this.#carryOut(name, command);
  }

  #carryOut(name: CommandName, command: readonly number[]): void {
    const s = this.#s;
    if (!isDiskCommand(name)) {
      this.#controllerCommand(name, command);
      return;
    }
    if (name !== 'readId') s.lastEndOfTrack = command[name === 'format' ? 3 : 6];
    s.phase = 'execution';
    this.#operation.begin(name, command);
    s.dueAt = this.#clock.now() + EXECUTE_NS;
    this.#schedule();
  }

  /** A result without an interrupt. */
  #answer(...result: number[]): void {
    this.#s.result = result;
    this.#s.phase = 'result';
  }

  // ---- Commands of the controller itself

  #controllerCommand(name: Exclude<CommandName, DiskCommand>, command: readonly number[]): void {
    const s = this.#s;
    const [first, parameter, last] = command;
    switch (name) {
      case 'senseDriveStatus':
        this.#answer(this.#driveStatus(parameter));
        break;
      case 'senseInterrupt':
        this.#answer(...this.#seeks.senseInterrupt());
        break;
      case 'recalibrate':
        this.#seeks.recalibrate(parameter & R.UNIT);
        break;
      case 'seek':
        this.#seeks.seek(parameter & R.UNIT, last - s.cylinders[parameter & R.UNIT]);
        break;
      case 'relativeSeek':
        this.#seeks.seek(parameter & R.UNIT, first & R.SEEK_IN ? last : -last);
        break;
      default: {
        const result = carryOutOnParameters(s, name, command);
        if (result.length > 0) this.#answer(...result);
      }
    }
  }

  #driveStatus(parameter: number): number {
    const unit = parameter & R.UNIT;
    const drive = this.#drives[unit];
    const track0 = drive?.position === 0 ? R.ST3_TRACK_0 : 0;
    const protection = drive?.writeProtected ? R.ST3_WRITE_PROTECTED : 0;
    return R.ST3_ALWAYS | track0 | protection | (parameter & (R.HEAD | R.UNIT));
  }

  // ---- Execution

  get #nonDma(): boolean {
    return (this.#s.specify[1] & R.SPECIFY_NON_DMA) !== 0;
  }

  #hostPhaseChanged(): void {
    const asks = this.#operation.direction !== undefined;
    if (this.#nonDma) this.#setInterrupt(asks);
    else if (asks) this.#dma.request();
  }

  /** A byte went through the FIFO port: the pin falls when a part is through, and rises for the next. */
  #nextService(): void {
    if (this.#s.phase !== 'execution' || this.#operation.direction === undefined) return;
    const { configure } = this.#s;
    const threshold = (configure & R.CONFIGURE_THRESHOLD) + 1;
    const reads = this.#operation.direction === 'to-memory';
    const part = configure & R.CONFIGURE_NO_FIFO ? 1 : reads ? FIFO_BYTES - threshold || 1 : threshold;
    if (this.#operation.position % part !== 0) return;
    this.#setInterrupt(false);
    this.#setInterrupt(true);
  }

  #finished(result: readonly number[]): void {
    this.#answer(...result);
    this.#s.resultInterrupt = true;
    this.#setInterrupt(true);
  }

  #setInterrupt(level: boolean): void {
    this.#s.interrupt = level;
    this.#updateLine();
  }

  #updateLine(): void {
    this.#irq(this.#s.interrupt && (this.#s.digitalOutput & R.DOR_DMA_GATE) !== 0);
  }

  // ---- Reset

  /** By the digital output register or the data rate select register. */
  #softwareReset(): void {
    this.#operation.abort();
    for (const drive of this.#drives) drive?.home();
    this.#s = afterSoftwareReset(this.#s, this.#operation.save());
    this.#schedule();
    this.#updateLine();
  }

  #endReset(): void {
    this.#s.dueAt = this.#clock.now() + RESET_NS;
    this.#schedule();
  }

  /** The controller polls its drives once, and says of each that it is ready. */
  #resetEnded(): void {
    const s = this.#s;
    s.phase = 'command';
    if (s.configure & R.CONFIGURE_NO_POLL) return;
    this.#seeks.poll();
  }

  // ---- Time

  #schedule(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const due = [this.#s.dueAt, ...this.#s.seekAt].filter((at) => at > 0);
    if (due.length === 0) return;
    this.#timer = this.#clock.schedule(Math.min(...due), () => this.#runDue());
  }

  #runDue(): void {
    const s = this.#s;
    const now = this.#clock.now();
    this.#seeks.endDue(now);
    if (s.dueAt > 0 && s.dueAt <= now) {
      s.dueAt = 0;
      if (s.phase === 'reset') this.#resetEnded();
      else if (s.phase === 'execution') this.#operation.execute();
    }
    this.#schedule();
  }

  // ---- Device

  reset(): void {
    this.#operation.abort();
    for (const drive of this.#drives) drive?.home();
    this.#s = afterReset(this.#operation.save());
    if (this.#running) Object.assign(this.#s, { digitalOutput: R.DOR_RUN | R.DOR_DMA_GATE, phase: 'command' });
    this.#schedule();
    this.#updateLine();
  }

  save(): FloppyControllerState {
    const drives = [0, 1].map((unit) => this.#drives[unit]);
    return {
      ...structuredClone(this.#s),
      headPositions: drives.map((drive) => drive?.position ?? 0),
      changed: drives.map((drive) => drive?.changed ?? false),
      mediumCounts: drives.map((drive) => drive?.mediumCount ?? 0),
      operation: this.#operation.save(),
    };
  }

  restore(state: FloppyControllerState): void {
    const form = requireForm(this.name, state, this.save());
    this.#s = structuredClone(form);
    for (const [unit, drive] of this.#drives.entries()) {
      if (!drive) continue;
      drive.position = form.headPositions[unit] ?? 0;
      drive.changed = (form.changed[unit] ?? true) || drive.port.mediumCount !== form.mediumCounts[unit];
      drive.mediumCount = drive.port.mediumCount;
    }
    this.#operation.restore(form.operation);
    this.#operation.resume();
    this.#schedule();
    this.#updateLine();
    this.#dma.request();
  }
}
