// A pointing device for positions, as a virtio input device (virtio 1.2, §5.8). What the user does is a report: events of 8 bytes, the last
// of which says that it is whole. A report goes to the guest as a whole, when there are buffers for all of its events; until then
// motion is added up, so that no more than a few reports wait, and no button is lost.
import { StateError } from '../../bus/device.ts';
import type { Pointer, PointerInput } from '../../bus/input.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { type Chain, canScatter, scatter } from '../virtio/descriptor-chain.ts';
import { F_RING_EVENT_IDX, F_RING_INDIRECT_DESC, F_VERSION_1, featureSet } from '../virtio/features.ts';
import type { VirtioInterfaces } from '../virtio/interfaces.ts';
import type { VirtioDevice } from '../virtio/transport.ts';
import { type Buses, VirtioPci } from '../virtio/virtio-pci.ts';
import type { QueueSession } from '../virtio/virtqueue.ts';
import {
  ABS_X,
  ABS_Y,
  AXIS_MAXIMUM,
  BUTTON_CODES,
  CONFIGURATION_SIZE,
  EV_ABS,
  EV_KEY,
  EV_REL,
  EV_SYN,
  INFORMATION,
  information,
  REL_HWHEEL,
  REL_WHEEL,
} from './configuration.ts';
import type { VirtioTabletState } from './persist.ts';

const INPUT_DEVICE = 18;
/** Input device controller, other. */
const CLASS_INPUT = 0x098000;
const EVENTS = 0;
const STATUS = 1;
const QUEUE_SIZE = 64;
const EVENT_SIZE = 8;
/** Events of the longest report: all buttons, both wheels, both axes, and its end. */
const LONGEST_REPORT = BUTTON_CODES.length + 5;
/** While nothing is read, motion beyond these is added to the last report, if that is motion too. */
const MOST_REPORTS = 16;
/** No more wait than these: what buttons do is added too. A click can get lost, the state of a button cannot. */
const LIMIT = 2 * MOST_REPORTS;

export class VirtioTablet implements Pointer, VirtioDevice {
  readonly name = 'virtio-tablet';
  readonly type = INPUT_DEVICE;
  readonly features = featureSet(F_RING_INDIRECT_DESC, F_RING_EVENT_IDX, F_VERSION_1);
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  readonly configSize = CONFIGURATION_SIZE;
  readonly pci: VirtioPci;
  readonly #changed: () => void;
  #select = 0;
  #subselect = 0;
  #buttons = 0;
  #waiting: Uint8Array[] = [];
  #wasActive = false;

  /** `changed`: `active` is something else. */
  constructor(buses: Buses, changed: () => void, interfaces?: VirtioInterfaces) {
    this.#changed = changed;
    this.pci = new VirtioPci(this, CLASS_INPUT, buses, interfaces);
  }

  // ---- Pointer

  get active(): boolean {
    return this.pci.transport.running;
  }

  move({ position, wheel, horizontalWheel, buttons }: PointerInput): void {
    if (!this.active) return;
    const events: Event[] = [];
    if (position) events.push([EV_ABS, ABS_X, onAxis(position.x)], [EV_ABS, ABS_Y, onAxis(position.y)]);
    // Away from the user counts up here.
    if (wheel !== 0) events.push([EV_REL, REL_WHEEL, -wheel]);
    if (horizontalWheel !== 0) events.push([EV_REL, REL_HWHEEL, horizontalWheel]);
    for (const [bit, code] of BUTTON_CODES.entries())
      if (((buttons ^ this.#buttons) >> bit) & 1) events.push([EV_KEY, code, (buttons >> bit) & 1]);
    const report = reportOf(events);
    if (!report) return;
    this.#buttons = buttons;
    const last = this.#waiting.at(-1);
    const isMotion = !hasButtons(report) && last !== undefined && !hasButtons(last);
    if (last && this.#waiting.length >= (isMotion ? MOST_REPORTS : LIMIT))
      this.#waiting.splice(-1, 1, sum(last, report));
    else this.#waiting.push(report);
    this.pci.transport.serve(EVENTS);
  }

  // ---- VirtioDevice

  readConfig(offset: number, size: number): number {
    const known = information(this.#select, this.#subselect);
    const byteAt = (at: number) => {
      if (at === 0) return this.#select;
      if (at === 1) return this.#subselect;
      if (at === 2) return known.length;
      return at >= INFORMATION ? (known[at - INFORMATION] ?? 0) : 0;
    };
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + byteAt(offset + i);
    return value;
  }

  writeConfig(offset: number, size: number, value: number): void {
    for (let i = 0; i < size; i++) {
      const byte = (value >>> (8 * i)) & 0xff;
      if (offset + i === 0) this.#select = byte;
      if (offset + i === 1) this.#subselect = byte;
    }
  }

  queueReady(queue: number): void {
    this.#noteActive();
    if (queue === EVENTS) this.#report();
    else this.#discardStatus();
  }

  resetDevice(): void {
    this.#select = 0;
    this.#subselect = 0;
    this.#buttons = 0;
    this.#waiting = [];
    this.#noteActive();
  }

  // ---- Device

  reset(): void {
    this.pci.transport.reset();
  }

  save(): VirtioTabletState {
    return {
      version: 1,
      transport: this.pci.transport.save(),
      select: this.#select,
      subselect: this.#subselect,
      buttons: this.#buttons,
      waiting: this.#waiting.map((report) => report.slice()),
    };
  }

  restore(state: VirtioTabletState): void {
    const form = requireForm(this.name, state, {
      ...this.save(),
      transport: state?.transport,
      waiting: state?.waiting,
    });
    const whole = (report: unknown) =>
      report instanceof Uint8Array && report.length % EVENT_SIZE === 0 && report.length <= LONGEST_REPORT * EVENT_SIZE;
    if (!Array.isArray(form.waiting) || form.waiting.length > LIMIT || !form.waiting.every(whole))
      throw new StateError(`The saved state of ${this.name} is damaged: waiting is not as expected.`);
    this.#select = form.select;
    this.#subselect = form.subselect;
    this.#buttons = form.buttons;
    this.#waiting = form.waiting.map((report) => report.slice());
    this.pci.transport.restore(this.name, form.transport);
    this.#noteActive();
  }

  // ---- Queues

  #report(): void {
    const { transport } = this.pci;
    transport.withQueue(EVENTS, (queue) => {
      for (let report = this.#waiting[0]; report; report = this.#waiting[0]) {
        const chains = takeChains(queue, report.length / EVENT_SIZE);
        if (!chains) return;
        const usable = chains.map((chain) => canScatter(transport.memory, chain.writable, EVENT_SIZE));
        for (const [n, chain] of chains.entries()) {
          const event = report.subarray(n * EVENT_SIZE, (n + 1) * EVENT_SIZE);
          queue.complete(chain.head, usable[n] ? (scatter(transport.memory, chain.writable, event) ?? 0) : 0);
        }
        this.#waiting.shift();
      }
    });
  }

  /** LEDs and the like, of which a tablet has none. */
  #discardStatus(): void {
    this.pci.transport.withQueue(STATUS, (queue) => {
      for (let chain = queue.take(); chain; chain = queue.take()) queue.complete(chain.head, 0);
    });
  }

  #noteActive(): void {
    if (this.active === this.#wasActive) return;
    this.#wasActive = this.active;
    this.#changed();
  }
}

/** As many chains; undefined, and none taken, while there are not. What is too small for an event goes back empty. */
function takeChains(queue: QueueSession, count: number): Chain[] | undefined {
  const chains: Chain[] = [];
  while (chains.length < count) {
    const chain = queue.take();
    if (!chain) {
      queue.putBack(chains.length);
      return undefined;
    }
    if ('malformed' in chain || chain.writableBytes < EVENT_SIZE) {
      for (const { head } of [...chains.splice(0), chain]) queue.complete(head, 0);
      continue;
    }
    chains.push(chain);
  }
  return chains;
}

type Event = readonly [type: number, code: number, value: number];

/** Undefined if nothing has happened. */
function reportOf(events: readonly Event[]): Uint8Array | undefined {
  if (events.length === 0) return undefined;
  const bytes = new Uint8Array((events.length + 1) * EVENT_SIZE);
  const view = new DataView(bytes.buffer);
  for (const [n, [type, code, value]] of [...events, [EV_SYN, 0, 0] as const].entries()) {
    view.setUint16(n * EVENT_SIZE, type, true);
    view.setUint16(n * EVENT_SIZE + 2, code, true);
    view.setInt32(n * EVENT_SIZE + 4, value, true);
  }
  return bytes;
}

/** Without the end of the report. */
function eventsOf(report: Uint8Array): Event[] {
  const view = new DataView(report.buffer, report.byteOffset);
  return Array.from({ length: report.length / EVENT_SIZE - 1 }, (_, n) => [
    view.getUint16(n * EVENT_SIZE, true),
    view.getUint16(n * EVENT_SIZE + 2, true),
    view.getInt32(n * EVENT_SIZE + 4, true),
  ]);
}

function hasButtons(report: Uint8Array): boolean {
  return eventsOf(report).some(([type]) => type === EV_KEY);
}

/** Turns of the wheel are added up; of all else the later counts. */
function sum(earlier: Uint8Array, later: Uint8Array): Uint8Array {
  const all = new Map<string, Event>();
  for (const [type, code, value] of [...eventsOf(earlier), ...eventsOf(later)]) {
    const before = type === EV_REL ? (all.get(`${type} ${code}`)?.[2] ?? 0) : 0;
    all.set(`${type} ${code}`, [type, code, before + value]);
  }
  return reportOf([...all.values()]) ?? later;
}

function onAxis(share: number): number {
  return Math.round(Math.min(Math.max(share, 0), 1) * AXIS_MAXIMUM);
}
