// A serial port: National Semiconductor PC16550D (16550A), its line connected to a terminal that is always ready.
//
// Sending takes no time: the transmitter is empty as soon as it is written. What was sent is handed over in bursts, when the
// guest pauses for BURST or the buffer is full. Receiving goes at LINE_BAUD whatever the divisor says (decision 014): input
// waits in a short queue and enters the FIFO when there is room, so that none is lost; what the queue does not take stays with
// the sender, which is notified when there is room.
//
// Input waits while the guest keeps RTS down: then no program has the port open. A driver that never touches the modem lines is
// served as soon as it enables the receive interrupt.
import type { Clock, Device, InterruptLine, PortBus, TimerHandle } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import type { UartState } from './persist.ts';
import * as R from './registers.ts';

/** ns from the first byte of a burst to its delivery. */
const BURST = 1_000_000;
const BURST_BYTES = 4096;
const LINE_BAUD = 115200;
const INPUT_BYTES = 4096;
const TRIGGERS = [1, 4, 8, 14];
const CONNECTED = R.MSR_DCD | R.MSR_DSR | R.MSR_CTS;

export interface UartWiring {
  clock: Clock;
  irq: InterruptLine;
  /** A burst of sent bytes; the array is the receiver's. */
  output: (bytes: Uint8Array) => void;
  /** Input was refused for lack of room; half of the queue is free now. */
  room?: () => void;
}

export class Uart implements Device<UartState> {
  readonly name: string;
  readonly #clock: Clock;
  readonly #irq: InterruptLine;
  readonly #output: (bytes: Uint8Array) => void;
  readonly #room: () => void;
  #refused = false;
  #s = initialState();
  #burst = new Uint8Array(BURST_BYTES);
  #burstLength = 0;
  #burstTimer: TimerHandle | undefined;
  #feedTimer: TimerHandle | undefined;
  #timeoutTimer: TimerHandle | undefined;

  /** `name`: apart from other serial ports of the machine. */
  constructor({ clock, irq, output, room = () => {} }: UartWiring, name = 'uart') {
    this.name = name;
    this.#clock = clock;
    this.#irq = irq;
    this.#output = output;
    this.#room = room;
  }

  attach(ports: PortBus, base: number): void {
    ports.register(
      base,
      8,
      bytePorts(
        (port) => this.#read(port - base),
        (port, value) => this.#write(port - base, value),
      ),
    );
  }

  /** Queues input from the terminal as far as there is room. Returns how many bytes were taken. */
  receive(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, Math.max(0, INPUT_BYTES - this.#s.input.length));
    for (const byte of taken) this.#s.input.push(byte);
    if (taken.length < bytes.length) this.#refused = true;
    this.#feed();
    return taken.length;
  }

  /** Forgets the input that the guest's FIFO has not had yet. */
  discardInput(): void {
    this.#s.input = [];
    this.#feed();
  }

  /** Delivers the burst under way. */
  flush(): void {
    this.#burstTimer?.cancel();
    this.#burstTimer = undefined;
    if (this.#burstLength === 0) return;
    const bytes = this.#burst.slice(0, this.#burstLength);
    this.#burstLength = 0;
    this.#output(bytes);
  }

  /** Input that waits was meant for what ran before. */
  reset(): void {
    this.#s = initialState();
    this.#feed();
    this.#armTimeout();
    this.#update();
  }

  /** Sent bytes that wait for their burst are not part of the form: flush first. */
  save(): UartState {
    return { ...this.#s, received: [...this.#s.received], input: [...this.#s.input] };
  }

  restore(state: UartState): void {
    const form = requireForm(this.name, state, this.save());
    this.#s = { ...form, received: [...form.received], input: [...form.input] };
    this.#armTimeout();
    this.#feed();
    this.#update();
  }

  #read(register: number): number {
    const s = this.#s;
    switch (register) {
      case R.DATA:
        return s.lineControl & R.LCR_DLAB ? s.divisor & 0xff : this.#readData();
      case R.INTERRUPT_ENABLE:
        return s.lineControl & R.LCR_DLAB ? s.divisor >> 8 : s.interruptEnable;
      case R.INTERRUPT_ID: {
        const source = this.#source();
        if (source === R.IIR_TRANSMITTER) s.transmitterPending = false;
        this.#update();
        return source | (s.fifoEnabled ? R.IIR_FIFO : 0);
      }
      case R.LINE_CONTROL:
        return s.lineControl;
      case R.MODEM_CONTROL:
        return s.modemControl;
      case R.LINE_STATUS: {
        const status = R.LSR_TRANSMITTER_EMPTY | s.lineErrors | (s.received.length > 0 ? R.LSR_DATA_READY : 0);
        s.lineErrors = 0;
        this.#update();
        return status;
      }
      case R.MODEM_STATUS: {
        const status = this.#modemLines() | s.modemDeltas;
        s.modemDeltas = 0;
        this.#update();
        return status;
      }
      default:
        return s.scratch;
    }
  }

  #write(register: number, value: number): void {
    const s = this.#s;
    switch (register) {
      case R.DATA:
        if (s.lineControl & R.LCR_DLAB) s.divisor = (s.divisor & 0xff00) | value;
        else this.#send(value);
        break;
      case R.INTERRUPT_ENABLE:
        if (s.lineControl & R.LCR_DLAB) {
          s.divisor = (s.divisor & 0xff) | (value << 8);
          break;
        }
        // Enabling the transmitter interrupt while the transmitter is empty, which it always is, raises it.
        s.transmitterPending =
          (value & R.IER_TRANSMITTER) !== 0 && (s.transmitterPending || !(s.interruptEnable & R.IER_TRANSMITTER));
        s.interruptEnable = value & 0x0f;
        this.#feed();
        break;
      case R.INTERRUPT_ID:
        this.#writeFifoControl(value);
        break;
      case R.LINE_CONTROL:
        s.lineControl = value;
        break;
      case R.MODEM_CONTROL:
        this.#writeModemControl(value);
        break;
      case R.LINE_STATUS:
      case R.MODEM_STATUS:
        break; // for factory tests only
      default:
        s.scratch = value;
    }
    this.#update();
  }

  #readData(): number {
    const s = this.#s;
    const byte = s.received.shift() ?? 0;
    s.timeoutPending = false;
    this.#feed();
    this.#armTimeout();
    this.#update();
    return byte;
  }

  #send(byte: number): void {
    const s = this.#s;
    if (s.modemControl & R.MCR_LOOP) {
      this.#arrive(byte);
    } else {
      this.#burst[this.#burstLength++] = byte;
      if (this.#burstLength === BURST_BYTES) this.flush();
      else this.#burstTimer ??= this.#clock.schedule(this.#clock.now() + BURST, () => this.flush());
    }
    s.transmitterPending = (s.interruptEnable & R.IER_TRANSMITTER) !== 0;
  }

  #writeFifoControl(value: number): void {
    const s = this.#s;
    const enable = (value & R.FCR_ENABLE) !== 0;
    if (enable !== s.fifoEnabled || value & R.FCR_CLEAR_RECEIVER) {
      s.received = [];
      s.timeoutPending = false;
      this.#armTimeout();
    }
    s.fifoEnabled = enable;
    s.trigger = enable ? TRIGGERS[value >> 6] : 1;
    this.#feed();
  }

  #writeModemControl(value: number): void {
    const s = this.#s;
    const before = this.#modemLines();
    s.modemControl = value & 0x1f;
    if (value & (R.MCR_RTS | R.MCR_DTR)) s.usesModemControl = true;
    const after = this.#modemLines();
    const changed = (before ^ after) >> 4;
    s.modemDeltas |= after & R.MSR_RI ? changed & ~R.MSR_DELTA_RI : changed;
    this.#feed();
  }

  /** In loopback the outputs appear as inputs. */
  #modemLines(): number {
    const mcr = this.#s.modemControl;
    if (!(mcr & R.MCR_LOOP)) return CONNECTED;
    return (
      (mcr & R.MCR_RTS ? R.MSR_CTS : 0) |
      (mcr & R.MCR_DTR ? R.MSR_DSR : 0) |
      (mcr & R.MCR_OUT1 ? R.MSR_RI : 0) |
      (mcr & R.MCR_OUT2 ? R.MSR_DCD : 0)
    );
  }

  get #capacity(): number {
    return this.#s.fifoEnabled ? R.FIFO_SIZE : 1;
  }

  /** ns that one character takes: start, data, parity and stop bits. */
  get #characterTime(): number {
    const { lineControl } = this.#s;
    const bits = 1 + 5 + (lineControl & 3) + (lineControl & R.LCR_PARITY ? 1 : 0) + (lineControl & R.LCR_STOP2 ? 2 : 1);
    return (bits * 1e9) / LINE_BAUD;
  }

  /** A byte reaches the receiver. */
  #arrive(byte: number): void {
    const s = this.#s;
    if (s.received.length < this.#capacity) {
      s.received.push(byte);
    } else {
      s.lineErrors |= R.LSR_OVERRUN;
      if (!s.fifoEnabled) s.received[0] = byte; // the FIFO keeps what it has, the plain buffer the newest
    }
    s.timeoutPending = false;
    this.#armTimeout();
  }

  /** Moves input into the FIFO as far as guest, FIFO and line speed allow. */
  #feed(): void {
    const s = this.#s;
    this.#feedTimer?.cancel();
    this.#feedTimer = undefined;
    const open = s.usesModemControl
      ? (s.modemControl & (R.MCR_RTS | R.MCR_LOOP)) === R.MCR_RTS
      : (s.interruptEnable & R.IER_RECEIVED) !== 0;
    const room = this.#capacity - s.received.length;
    const now = this.#clock.now();
    if (s.input.length > 0 && open && room > 0 && now >= s.lineFreeAt) {
      const bytes = s.input.splice(0, room);
      for (const byte of bytes) this.#arrive(byte);
      s.lineFreeAt = now + Math.ceil(bytes.length * this.#characterTime);
      this.#update();
    }
    if (this.#refused && s.input.length <= INPUT_BYTES / 2) {
      this.#refused = false;
      this.#room();
    }
    if (s.input.length > 0 && open && s.received.length < this.#capacity)
      this.#feedTimer = this.#clock.schedule(s.lineFreeAt, () => this.#feed());
  }

  /** Data below the trigger level raises the timeout interrupt when the line has been quiet for four characters. */
  #armTimeout(): void {
    const s = this.#s;
    this.#timeoutTimer?.cancel();
    this.#timeoutTimer = undefined;
    if (!s.fifoEnabled || s.received.length === 0 || s.received.length >= s.trigger || s.timeoutPending) return;
    this.#timeoutTimer = this.#clock.schedule(this.#clock.now() + Math.ceil(4 * this.#characterTime), () => {
      s.timeoutPending = true;
      this.#update();
    });
  }

  /** The enabled interrupt source of the highest priority, as INTERRUPT_ID encodes it. */
  #source(): number {
    const s = this.#s;
    const enable = s.interruptEnable;
    if (enable & R.IER_LINE_STATUS && s.lineErrors) return R.IIR_LINE_STATUS;
    if (enable & R.IER_RECEIVED && s.received.length >= s.trigger) return R.IIR_RECEIVED;
    if (enable & R.IER_RECEIVED && s.timeoutPending) return R.IIR_TIMEOUT;
    if (enable & R.IER_TRANSMITTER && s.transmitterPending) return R.IIR_TRANSMITTER;
    if (enable & R.IER_MODEM_STATUS && s.modemDeltas) return R.IIR_MODEM_STATUS;
    return R.IIR_NONE;
  }

  /** The interrupt line follows the sources alone: not gated by OUT2, which many small kernels leave down. */
  #update(): void {
    this.#irq(this.#source() !== R.IIR_NONE);
  }
}

function initialState(): UartState {
  return {
    version: 1,
    interruptEnable: 0,
    fifoEnabled: false,
    trigger: 1,
    lineControl: 3,
    modemControl: 0,
    lineErrors: 0,
    modemDeltas: 0,
    scratch: 0,
    divisor: 1,
    transmitterPending: false,
    timeoutPending: false,
    usesModemControl: false,
    received: [],
    input: [],
    lineFreeAt: 0,
  };
}
