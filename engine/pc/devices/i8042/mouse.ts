// A PS/2 mouse (IBM PS/2 Hardware Interface Technical Reference, "Mouse") that becomes an IntelliMouse (a wheel; sample rates 200, 100,
// 80) or an IntelliMouse Explorer (two more buttons; 200, 200, 80) when a driver asks for it (Microsoft, "Windows and the 5-Button
// Wheel Mouse"), and reports a horizontal wheel to one that knows of it (200, 80, 40; as IntelliMouse 4.0 does).
//
// Motion is gathered until the guest has read the report before and the sample rate allows another one, so nothing overflows
// however slow the guest is; what buttons did is kept apart for as long as MAXIMUM_MOVES lasts, so that no click is lost.

import type { Clock, TimerHandle } from '../../bus/device.ts';
import { ALL_BUTTONS, BUTTON, type PointerInput } from '../../bus/input.ts';
import type { MouseMove, MouseState } from './persist.ts';

const COMMAND = {
  scaling1: 0xe6,
  scaling2: 0xe7,
  resolution: 0xe8,
  status: 0xe9,
  stream: 0xea,
  read: 0xeb,
  unwrap: 0xec,
  wrap: 0xee,
  remote: 0xf0,
  identify: 0xf2,
  rate: 0xf3,
  enable: 0xf4,
  disable: 0xf5,
  defaults: 0xf6,
  resend: 0xfe,
  reset: 0xff,
} as const;

const ACKNOWLEDGE = 0xfa;
const RESEND = 0xfe;
const SELF_TEST_PASSED = 0xaa;

const WHEEL = 3;
const EXPLORER = 4;
const MODES: readonly { rates: readonly number[]; kind: number }[] = [
  { rates: [200, 100, 80], kind: WHEEL },
  { rates: [200, 200, 80], kind: EXPLORER },
];
const HORIZONTAL_RATES = [200, 80, 40];

const STATUS_REMOTE = 0x40;
const STATUS_STREAMING = 0x20;
const STATUS_ACCELERATED = 0x10;

const PACKET_ALWAYS = 0x08;
const PACKET_X_SIGN = 0x10;
const PACKET_Y_SIGN = 0x20;
const PACKET_X_OVERFLOW = 0x40;
const PACKET_Y_OVERFLOW = 0x80;
const EXPLORER_BACK = 0x10;
const EXPLORER_FORWARD = 0x20;
const EXPLORER_HORIZONTAL = 0x40;
const MORE_BUTTONS = BUTTON.back | BUTTON.forward;

/** Counts that one report can hold, in either direction. */
const LARGEST_STEP = 255;
/** Counts that are gathered at most: an overflow is reported beyond them. */
const LARGEST_MOTION = 8 * LARGEST_STEP;
const LARGEST_WHEEL = 64;
const MAXIMUM_MOVES = 32;
/** 2:1 scaling of 0 to 5 counts; larger ones are doubled. */
const ACCELERATED = [0, 1, 1, 3, 6, 9];

const SECOND = 1e9;

export interface MousePorts {
  clock: Clock;
  /** There may be a byte to send. */
  ready(): void;
  /** The driver has switched it on or off. */
  activityChanged(): void;
}

export class Ps2Mouse {
  readonly #ports: MousePorts;
  #s = initialState();
  #timer: TimerHandle | undefined;

  constructor(ports: MousePorts) {
    this.#ports = ports;
  }

  /** Has a driver switched reports on? */
  get active(): boolean {
    return this.#s.streaming;
  }

  get hasByte(): boolean {
    const s = this.#s;
    if (s.replies.length > 0 || s.packet.length > 0) return true;
    return s.streaming && !s.remote && !s.wrapped && s.moves.length > 0 && this.#ports.clock.now() >= s.nextReport;
  }

  /** The next byte for the controller; only if there is one. */
  take(): number {
    const s = this.#s;
    if (s.replies.length === 0 && s.packet.length === 0) this.#report();
    const byte = s.replies.shift() ?? s.packet.shift() ?? 0;
    if (byte !== RESEND) s.last = byte;
    this.#arm();
    return byte;
  }

  write(value: number): void {
    const s = this.#s;
    const { expecting } = s;
    s.expecting = 0;
    // A report that is not over will not be: the driver takes what comes now for the answer.
    s.replies = [];
    s.packet = [];
    if (s.wrapped && value !== COMMAND.unwrap && value !== COMMAND.reset) s.replies.push(value);
    else if (expecting !== 0) this.#data(expecting, value);
    else this.#command(value);
    this.#arm();
    this.#ports.ready();
  }

  move({ dx, dy, wheel, horizontalWheel, buttons }: PointerInput): void {
    const { moves, reported, streaming, remote } = this.#s;
    // Nobody asks for what was done before a driver came.
    if (!streaming && !remote) return;
    const held = buttons & ALL_BUTTONS;
    const last = moves.at(-1);
    if (!last && held === reported && dx === 0 && dy === 0 && wheel === 0 && horizontalWheel === 0) return;
    const into = last && (last.buttons === held || moves.length >= MAXIMUM_MOVES) ? last : emptyMove(held);
    if (into !== last) moves.push(into);
    into.dx = limited(into.dx + dx, LARGEST_MOTION);
    into.dy = limited(into.dy + dy, LARGEST_MOTION);
    into.wheel = limited(into.wheel + wheel, LARGEST_WHEEL);
    into.horizontalWheel = limited(into.horizontalWheel + horizontalWheel, LARGEST_WHEEL);
    into.buttons = held;
    this.#arm();
    this.#ports.ready();
  }

  /** Reports although nothing has moved. */
  notify(): void {
    const { moves, streaming, reported } = this.#s;
    if (!streaming || moves.length > 0) return;
    moves.push(emptyMove(reported));
    this.#arm();
    this.#ports.ready();
  }

  reset(): void {
    this.#s = initialState();
    this.#arm();
  }

  save(): MouseState {
    return structuredClone(this.#s);
  }

  /** Of the shape of `mouseForm`. */
  restore(state: MouseState): void {
    this.#s = { ...structuredClone(state), rate: Math.max(state.rate, 1), moves: state.moves.slice(0, MAXIMUM_MOVES) };
    this.#arm();
  }

  #command(command: number): void {
    const s = this.#s;
    const reply = (...bytes: number[]) => s.replies.push(ACKNOWLEDGE, ...bytes);
    switch (command) {
      case COMMAND.scaling1:
      case COMMAND.scaling2:
        s.accelerated = command === COMMAND.scaling2;
        return void reply();
      case COMMAND.resolution:
      case COMMAND.rate:
        s.expecting = command;
        return void reply();
      case COMMAND.status:
        return void reply(this.#status(), s.resolution, s.rate);
      case COMMAND.stream:
      case COMMAND.remote:
        s.remote = command === COMMAND.remote;
        return void reply();
      case COMMAND.read:
        reply(...this.#packet(s.moves.shift() ?? emptyMove(s.reported)));
        return;
      case COMMAND.wrap:
      case COMMAND.unwrap:
        s.wrapped = command === COMMAND.wrap;
        return void reply();
      case COMMAND.identify:
        return void reply(s.kind);
      case COMMAND.enable:
      case COMMAND.disable:
        this.#setStreaming(command === COMMAND.enable);
        return void reply();
      case COMMAND.defaults:
        this.#setDefaults({ kind: s.kind, horizontal: s.horizontal });
        return void reply();
      case COMMAND.resend:
        return void s.replies.push(s.last);
      case COMMAND.reset:
        this.#setDefaults({});
        return void reply(SELF_TEST_PASSED, 0);
      default:
        s.replies.push(RESEND);
    }
  }

  #data(command: number, value: number): void {
    const s = this.#s;
    if (command === COMMAND.resolution ? value > 3 : value === 0) return void s.replies.push(RESEND);
    s.replies.push(ACKNOWLEDGE);
    if (command === COMMAND.resolution) {
      s.resolution = value;
      return;
    }
    s.rate = value;
    s.rates = [...s.rates, value].slice(-3);
    const asked = (rates: readonly number[]) => rates.every((rate, n) => rate === s.rates[n]);
    s.kind = MODES.find(({ rates }) => asked(rates))?.kind ?? s.kind;
    s.horizontal ||= s.kind === EXPLORER && asked(HORIZONTAL_RATES);
  }

  #setDefaults(kept: Partial<MouseState>): void {
    const { last, replies, reported } = this.#s;
    this.#setStreaming(false);
    this.#s = { ...initialState(), ...kept, last, replies, reported };
  }

  #setStreaming(streaming: boolean): void {
    const changed = this.#s.streaming !== streaming;
    this.#s.streaming = streaming;
    this.#s.moves = [];
    if (changed) this.#ports.activityChanged();
  }

  #status(): number {
    const { remote, streaming, accelerated, reported } = this.#s;
    return (
      (remote ? STATUS_REMOTE : 0) |
      (streaming ? STATUS_STREAMING : 0) |
      (accelerated ? STATUS_ACCELERATED : 0) |
      (reported & BUTTON.left ? 4 : 0) |
      (reported & BUTTON.middle ? 2 : 0) |
      (reported & BUTTON.right ? 1 : 0)
    );
  }

  /** Takes what is oldest; what is too large for one report stays for the next. */
  #report(): void {
    const s = this.#s;
    const [move] = s.moves;
    if (!move) return;
    s.packet = this.#packet(move);
    const rest = move.dx !== 0 || move.dy !== 0 || move.wheel !== 0 || move.horizontalWheel !== 0;
    if (!rest && s.reported === move.buttons) s.moves.shift();
    s.nextReport = this.#ports.clock.now() + SECOND / s.rate;
  }

  /** Three or four bytes; takes out of `move` what they report. */
  #packet(move: MouseMove): number[] {
    const s = this.#s;
    const overflow =
      (Math.abs(move.dx) >= LARGEST_MOTION ? PACKET_X_OVERFLOW : 0) |
      (Math.abs(move.dy) >= LARGEST_MOTION ? PACKET_Y_OVERFLOW : 0);
    const dx = taken(move, 'dx', LARGEST_STEP);
    const dy = taken(move, 'dy', LARGEST_STEP);
    const accelerate = s.accelerated && !s.remote;
    const x = limited(accelerate ? accelerated(dx) : dx, LARGEST_STEP);
    const y = limited(-(accelerate ? accelerated(dy) : dy), LARGEST_STEP);
    const before = s.reported;
    s.reported = move.buttons;
    const first =
      PACKET_ALWAYS |
      overflow |
      (move.buttons & (BUTTON.left | BUTTON.right | BUTTON.middle)) |
      (x < 0 ? PACKET_X_SIGN : 0) |
      (y < 0 ? PACKET_Y_SIGN : 0);
    const packet = [first, x & 0xff, y & 0xff];
    if (s.kind === WHEEL) packet.push(taken(move, 'wheel', 7) & 0xff);
    if (s.kind === EXPLORER) packet.push(this.#explorerByte(move, before));
    else move.horizontalWheel = 0;
    if (s.kind === 0) move.wheel = 0;
    return packet;
  }

  /** The two more buttons have no room beside the horizontal wheel: they come with the next report. */
  #explorerByte(move: MouseMove, before: number): number {
    const s = this.#s;
    if (!s.horizontal) move.horizontalWheel = 0;
    if (move.horizontalWheel !== 0) {
      s.reported = (move.buttons & ~MORE_BUTTONS) | (before & MORE_BUTTONS);
      return EXPLORER_HORIZONTAL | (-taken(move, 'horizontalWheel', 31) & 0x3f);
    }
    return (
      (taken(move, 'wheel', 7) & 0x0f) |
      (move.buttons & BUTTON.back ? EXPLORER_BACK : 0) |
      (move.buttons & BUTTON.forward ? EXPLORER_FORWARD : 0)
    );
  }

  /** Wakes the controller when the sample rate allows the next report. */
  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { moves, streaming, remote, nextReport } = this.#s;
    if (moves.length === 0 || !streaming || remote || nextReport <= this.#ports.clock.now()) return;
    this.#timer = this.#ports.clock.schedule(nextReport, () => this.#ports.ready());
  }
}

function emptyMove(buttons: number): MouseMove {
  return { dx: 0, dy: 0, wheel: 0, horizontalWheel: 0, buttons };
}

function limited(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value));
}

/** Takes at most `most` out of a field. */
function taken(move: MouseMove, field: 'dx' | 'dy' | 'wheel' | 'horizontalWheel', most: number): number {
  const part = limited(move[field], most);
  move[field] -= part;
  return part;
}

function accelerated(counts: number): number {
  return Math.sign(counts) * (ACCELERATED[Math.abs(counts)] ?? 2 * Math.abs(counts));
}

function initialState(): MouseState {
  return {
    replies: [],
    packet: [],
    last: 0,
    expecting: 0,
    streaming: false,
    remote: false,
    wrapped: false,
    accelerated: false,
    resolution: 2,
    rate: 100,
    kind: 0,
    horizontal: false,
    rates: [],
    moves: [],
    reported: 0,
    nextReport: 0,
  };
}

/** An example of its saved form, for the check of others. */
export function mouseForm(): MouseState {
  return { ...initialState(), replies: [0], packet: [0], rates: [0], moves: [emptyMove(0)] };
}
