// The PC's interval timer: an Intel 8254 with counter 0 on IRQ 0, counter 1 (once memory refresh) unused, counter 2 behind
// the gate of system control port B (port 61h).
//
// Late ticks. The vCPU's worker may be late by many periods: the host was busy, the VM was moved. A guest that
// keeps time by counting ticks wants each of them, but in one burst they would merge in the interrupt controller or starve
// the guest. So overdue ticks come at twice the programmed rate until the backlog is gone, and what is older than
// BACKLOG_LIMIT is dropped.
//
// The speaker is at the output of counter 2, behind bit 1 of port 61h. A count that is written while it sounds is heard at once, not
// with the next cycle. What a counter that does not repeat sends it later, by itself, is not reported.
//
// A guest that sets a single shot for each tick takes the time from elsewhere and works with a late one: these shots
// tolerate SHOT_TOLERANCE while it is idle.
import type { SpeakerChange } from '../../bus/board.ts';
import { FORWARD_LIMIT_MS, SHOT_TOLERANCE } from '../../bus/clock.ts';
import type { Clock, Device, InterruptLine, PortBus, TimerHandle } from '../../bus/device.ts';
import { bytePorts } from '../../bus/port-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { Channel } from './channel.ts';
import type { PitState } from './persist.ts';
import { PIT_HZ, ticksAt, timeOf } from './ticks.ts';

/** In ticks: what guest time may go forward over a stop (pc/bus/clock.ts). */
const BACKLOG_LIMIT = (FORWARD_LIMIT_MS / 1000) * PIT_HZ;

const PORT_B_GATE = 0x01;
const PORT_B_SPEAKER = 0x02;
const PORT_B_WRITABLE = 0x0f;
const PORT_B_REFRESH = 0x10;
const PORT_B_OUT2 = 0x20;
/** Hz; faster waves are how programs keep the speaker's cone in place. */
const AUDIBLE = 20_000;
/** Half the period of the memory-refresh signal, in ns. */
const REFRESH_TOGGLE = 15085;

const READ_BACK = 3;
const READ_BACK_NO_COUNT = 0x20;
const READ_BACK_NO_STATUS = 0x10;

type Sound = Pick<SpeakerChange, 'hz' | 'level'>;
const SILENCE: Sound = { hz: 0, level: 0 };

export interface PitWiring {
  clock: Clock;
  /** IRQ 0. */
  irq: InterruptLine;
  /** The speaker sounds otherwise from now on. */
  speaker?(change: SpeakerChange): void;
}

export class Pit implements Device<PitState> {
  readonly name = 'pit';
  readonly #clock: Clock;
  readonly #irq: InterruptLine;
  readonly #channels = [new Channel(true), new Channel(true), new Channel(false)];
  #portB = 0;
  #raisedAt = 0;
  readonly #tellSpeaker: (change: SpeakerChange) => void;
  #sound = SILENCE;
  #timer: TimerHandle | undefined;

  constructor({ clock, irq, speaker = () => {} }: PitWiring) {
    this.#clock = clock;
    this.#irq = irq;
    this.#tellSpeaker = speaker;
  }

  attach(ports: PortBus): void {
    ports.register(
      0x40,
      4,
      bytePorts(
        (port) => (port === 0x43 ? 0xff : this.#channels[port & 3].read(this.#tick())),
        (port, value) => (port === 0x43 ? this.#control(value) : this.#write(port & 3, value)),
      ),
    );
    ports.register(
      0x61,
      1,
      bytePorts(
        () => this.#readPortB(),
        (_, value) => this.#writePortB(value),
      ),
    );
  }

  reset(): void {
    for (const [i, channel] of this.#channels.entries()) channel.restore(new Channel(i !== 2).save());
    this.#portB = 0;
    this.#irq(false);
    this.#arm();
    this.#soundChanged();
  }

  save(): PitState {
    return {
      version: 1,
      channels: this.#channels.map((channel) => channel.save()),
      portB: this.#portB,
      raisedAt: this.#raisedAt,
    };
  }

  restore(state: PitState): void {
    const form = requireForm(this.name, state, this.save());
    for (const [i, channel] of this.#channels.entries()) channel.restore(form.channels[i]);
    this.#portB = form.portB;
    this.#raisedAt = form.raisedAt;
    this.#arm();
    this.#soundChanged();
  }

  #tick(): number {
    return ticksAt(this.#clock.now());
  }

  #control(word: number): void {
    const select = word >> 6;
    const tick = this.#tick();
    if (select === READ_BACK) {
      for (const [i, channel] of this.#channels.entries()) {
        if (!(word & (2 << i))) continue;
        if (!(word & READ_BACK_NO_COUNT)) channel.latchCount(tick);
        if (!(word & READ_BACK_NO_STATUS)) channel.latchStatus(tick);
      }
      return;
    }
    const channel = this.#channels[select];
    if (((word >> 4) & 3) === 0) {
      channel.latchCount(tick);
      return;
    }
    channel.control(word);
    if (select === 2) this.#soundChanged();
    if (select === 0) {
      this.#irq(channel.output(tick));
      this.#arm();
    }
  }

  #write(index: number, value: number): void {
    const tick = this.#tick();
    const channel = this.#channels[index];
    const started = channel.write(tick, value);
    if (index === 2) this.#soundChanged();
    if (index !== 0) return;
    if (started) {
      this.#raisedAt = tick + 1;
      this.#irq(channel.output(tick));
    }
    this.#arm();
  }

  /** Sets the timer for the next tick of counter 0 that the guest has not had. */
  #arm(): void {
    this.#timer?.cancel();
    const channel = this.#channels[0];
    const rise = channel.nextRise(this.#raisedAt);
    if (rise === undefined) {
      this.#timer = undefined;
      return;
    }
    const tolerance = channel.singleShot ? SHOT_TOLERANCE : 0;
    this.#timer = this.#clock.schedule(timeOf(rise), () => this.#raise(rise), tolerance);
  }

  #raise(rise: number): void {
    const channel = this.#channels[0];
    const now = this.#tick();
    this.#irq(false);
    this.#irq(true);
    this.#raisedAt = Math.max(rise, now - BACKLOG_LIMIT);
    channel.output(now); // lets a new period that began meanwhile take over
    const next = channel.nextRise(this.#raisedAt);
    if (next === undefined) {
      this.#timer = undefined;
      return;
    }
    const earliest = this.#clock.now() + timeOf(channel.period) / 2;
    this.#timer = this.#clock.schedule(Math.max(timeOf(next), earliest), () => this.#raise(next));
  }

  #readPortB(): number {
    return (
      this.#portB |
      (Math.floor(this.#clock.now() / REFRESH_TOGGLE) & 1 ? PORT_B_REFRESH : 0) |
      (this.#channels[2].output(this.#tick()) ? PORT_B_OUT2 : 0)
    );
  }

  #writePortB(value: number): void {
    this.#portB = value & PORT_B_WRITABLE;
    this.#channels[2].setGate(this.#tick(), (value & PORT_B_GATE) !== 0);
    this.#soundChanged();
  }

  #soundChanged(): void {
    const sound = this.#soundNow();
    if (sound.hz === this.#sound.hz && sound.level === this.#sound.level) return;
    this.#sound = sound;
    this.#tellSpeaker({ at: this.#clock.now(), ...sound });
  }

  #soundNow(): Sound {
    if (!(this.#portB & PORT_B_SPEAKER)) return SILENCE;
    const [, , channel] = this.#channels;
    const hz = channel.wave && PIT_HZ / channel.wave;
    if (hz > 0 && hz <= AUDIBLE) return { hz, level: 0 };
    return { hz: 0, level: hz === 0 && channel.output(this.#tick()) ? 1 : 0 };
  }
}
