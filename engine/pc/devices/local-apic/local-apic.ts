// The local APIC of the one CPU (Intel SDM vol. 3 chapter 10), xAPIC mode, at FEE00000h: task priority, self-interrupts, timer, messages of
// I/O APICs, and the way of the 8259's interrupts through LINT0. What is sent to other CPUs is lost: there are none. Where it is, and
// whether it is at all, is said by IA32_APIC_BASE, which the CPU keeps.
import {
  type ApicBus,
  type ApicMessage,
  DELIVERY_EXTERNAL,
  DELIVERY_FIXED,
  DELIVERY_INIT,
  DELIVERY_LOWEST_PRIORITY,
  DELIVERY_MODE,
  DELIVERY_NMI,
  LOGICAL_DESTINATION_MODE,
} from '../../bus/apic-bus.ts';
import { SHOT_TOLERANCE } from '../../bus/clock.ts';
import type { Clock, Device, TimerHandle } from '../../bus/device.ts';
import type { MmioBus } from '../../bus/mmio-bus.ts';
import { requireForm } from '../../bus/saved-form.ts';
import { LOCAL_APIC_UPGRADES, type LocalApicState } from './persist.ts';
import * as R from './registers.ts';
import { VectorSet } from './vector-set.ts';

/** After power-on. */
export const LOCAL_APIC_BASE = 0xfee00000;
const SIZE = 0x1000;
/** The timer counts at this rate before its divider, in Hz. */
export const APIC_TIMER_HZ = 1_000_000_000;
const NS_PER_TICK = 1e9 / APIC_TIMER_HZ;
const LVT_STEP = 0x10;
const LVT_COUNT = 6;
const TIMER = 0;
const LINT0 = (R.LVT_LINT0 - R.LVT_TIMER) / LVT_STEP;

/** What the command register sends to its own CPU too. */
const COMMANDS = new Set([DELIVERY_FIXED, DELIVERY_LOWEST_PRIORITY, DELIVERY_NMI]);
/** To which every processor listens. */
const BROADCAST = 0xff;
const FLAT_MODEL = 0xf;

export interface LocalApicWiring {
  clock: Clock;
  bus: ApicBus;
  /** `interruptPending` may have changed. */
  changed(): void;
  /** An NMI arrives at the CPU. */
  nmi(): void;
  /** The CPU is to start anew. */
  init(): void;
}

export class LocalApic implements Device<LocalApicState> {
  readonly name = 'local-apic';
  readonly #clock: Clock;
  readonly #bus: ApicBus;
  readonly #changed: () => void;
  readonly #nmi: () => void;
  readonly #init: () => void;
  #s = initialState();
  #requested = new VectorSet();
  #inService = new VectorSet();
  /** Of those requested and in service, the level-triggered ones. */
  #levelTriggered = new VectorSet();
  #timer: TimerHandle | undefined;
  #mmio: MmioBus | undefined;
  /** Guest-physical address, undefined while it is disabled. */
  #base: number | undefined;

  constructor({ clock, bus, changed, nmi, init }: LocalApicWiring) {
    this.#clock = clock;
    this.#bus = bus;
    this.#changed = changed;
    this.#nmi = nmi;
    this.#init = init;
    bus.connectProcessor({ receive: (message) => this.#isAddressed(message) && this.#take(message) });
  }

  attach(mmio: MmioBus): void {
    this.#mmio = mmio;
    this.place(LOCAL_APIC_BASE);
  }

  /** As IA32_APIC_BASE says; undefined: it is disabled, which also resets it. A place that is taken stays with who is there. */
  place(base: number | undefined): void {
    if (base === this.#base) return;
    const mmio = this.#mmio;
    if (this.#base !== undefined) mmio?.unregister(this.#base);
    this.#base = base;
    if (base === undefined) this.#clear();
    else if (mmio?.isFree(base, SIZE)) {
      mmio.register(base, SIZE, {
        // Registers are 32 bits wide, 16 bytes apart.
        read: (offset) => this.#read(offset & ~0xf),
        write: (offset, _size, value) => this.#write(offset & ~0xf, value),
      });
    }
    this.#changed();
  }

  /** Do the 8259's interrupts reach the CPU? */
  get passesExternal(): boolean {
    if (this.#base === undefined) return true;
    const { localVectors, externalRequested } = this.#s;
    return externalRequested || (localVectors[LINT0] & (R.LVT_MASKED | DELIVERY_MODE)) === DELIVERY_EXTERNAL;
  }

  externalAcknowledged(): void {
    this.#s.externalRequested = false;
  }

  /** Is an interrupt requested that outranks what is in service and the task priority? */
  get interruptPending(): boolean {
    const vector = this.#requested.highest;
    return vector >= 0 && vector >> 4 > this.#processorPriority >> 4;
  }

  /** Takes the pending interrupt into service; its vector. That of spurious interrupts if none is pending (vol. 3 §10.9). */
  acknowledge(): number {
    if (!this.interruptPending) return this.#s.spuriousVector & 0xff;
    const vector = this.#requested.highest;
    this.#requested.delete(vector);
    this.#inService.add(vector);
    this.#changed();
    return vector;
  }

  reset(): void {
    this.#clear();
    this.place(LOCAL_APIC_BASE);
  }

  #clear(): void {
    this.#s = initialState();
    this.#requested = new VectorSet();
    this.#inService = new VectorSet();
    this.#levelTriggered = new VectorSet();
    this.#armTimer();
    this.#changed();
  }

  save(): LocalApicState {
    return {
      ...this.#s,
      localVectors: [...this.#s.localVectors],
      requested: this.#requested.bits.slice(),
      inService: this.#inService.bits.slice(),
      levelTriggered: this.#levelTriggered.bits.slice(),
    };
  }

  restore(state: LocalApicState): void {
    const form = requireForm(this.name, state, this.save(), LOCAL_APIC_UPGRADES);
    const { requested, inService, levelTriggered, ...registers } = form;
    this.#s = { ...registers, localVectors: [...registers.localVectors] };
    this.#requested = new VectorSet(requested.slice());
    this.#inService = new VectorSet(inService.slice());
    this.#levelTriggered = new VectorSet(levelTriggered.slice());
    this.#armTimer();
    this.#changed();
  }

  get #processorPriority(): number {
    const serving = Math.max(this.#inService.highest, 0);
    const { taskPriority } = this.#s;
    return taskPriority >> 4 >= serving >> 4 ? taskPriority : serving & 0xf0;
  }

  /** False: vector and state do not allow it (vol. 3 §10.5.2, §10.4.7.2). */
  #request(vector: number, level = false): boolean {
    if (vector < 16 || (this.#s.spuriousVector & R.SOFTWARE_ENABLE) === 0) return false;
    this.#requested.add(vector);
    if (level) this.#levelTriggered.add(vector);
    else this.#levelTriggered.delete(vector);
    this.#changed();
    return true;
  }

  /** Physical and logical destinations, those in the flat and in the cluster model (vol. 3 §10.6.2). */
  #isAddressed({ destination, logical }: Pick<ApicMessage, 'destination' | 'logical'>): boolean {
    if (this.#base === undefined) return false;
    if (destination === BROADCAST) return true;
    if (!logical) return destination === 0;
    const own = this.#s.logicalDestination >>> 24;
    if (this.#s.destinationFormat >>> 28 === FLAT_MODEL) return (destination & own) !== 0;
    return destination >> 4 === own >> 4 && (destination & own & 0xf) !== 0;
  }

  /** What has come here. SMIs lead nowhere, since there is no system-management mode; nor does a start-up message: the CPU runs. */
  #take({ mode, vector, level }: Pick<ApicMessage, 'mode' | 'vector' | 'level'>): boolean {
    switch (mode) {
      case DELIVERY_FIXED:
      case DELIVERY_LOWEST_PRIORITY:
        return this.#request(vector, level);
      case DELIVERY_NMI:
        this.#nmi();
        break;
      case DELIVERY_INIT:
        this.#init();
        break;
      case DELIVERY_EXTERNAL:
        this.#s.externalRequested = true;
        this.#changed();
    }
    return true;
  }

  #read(register: number): number {
    const s = this.#s;
    if (register >= R.IN_SERVICE && register < R.TRIGGER_MODE) return this.#inService.word((register & 0x7f) >> 4);
    if (register >= R.TRIGGER_MODE && register < R.REQUEST) return this.#levelTriggered.word((register & 0x7f) >> 4);
    if (register >= R.REQUEST && register < R.ERROR_STATUS) return this.#requested.word((register & 0x7f) >> 4);
    if (register >= R.LVT_TIMER && register <= R.LVT_ERROR) return s.localVectors[(register - R.LVT_TIMER) / LVT_STEP];
    switch (register) {
      case R.VERSION:
        return R.VERSION_VALUE;
      case R.TASK_PRIORITY:
        return s.taskPriority;
      case R.PROCESSOR_PRIORITY:
        return this.#processorPriority;
      case R.LOGICAL_DESTINATION:
        return s.logicalDestination;
      case R.DESTINATION_FORMAT:
        return s.destinationFormat;
      case R.SPURIOUS_VECTOR:
        return s.spuriousVector;
      case R.COMMAND_LOW:
        return s.commandLow;
      case R.COMMAND_HIGH:
        return s.commandHigh;
      case R.INITIAL_COUNT:
        return s.initialCount;
      case R.CURRENT_COUNT:
        return this.#currentCount();
      case R.DIVIDE_CONFIGURATION:
        return s.divideConfiguration;
      default: // the ID is 0; errors do not occur
        return 0;
    }
  }

  #write(register: number, value: number): void {
    const s = this.#s;
    if (register >= R.LVT_TIMER && register <= R.LVT_ERROR) {
      if (register === R.LVT_TIMER) this.#expireMasked();
      s.localVectors[(register - R.LVT_TIMER) / LVT_STEP] = value & R.LVT_WRITABLE;
      if (register === R.LVT_TIMER) this.#armTimer();
      this.#changed();
      return;
    }
    switch (register) {
      case R.TASK_PRIORITY:
        s.taskPriority = value & 0xff;
        this.#changed();
        break;
      case R.END_OF_INTERRUPT:
        this.#endOfInterrupt();
        break;
      case R.LOGICAL_DESTINATION:
        s.logicalDestination = (value & 0xff000000) >>> 0;
        this.#bus.receptive();
        break;
      case R.DESTINATION_FORMAT:
        s.destinationFormat = (value | 0x0fffffff) >>> 0;
        this.#bus.receptive();
        break;
      case R.SPURIOUS_VECTOR:
        this.#writeSpuriousVector(value);
        break;
      case R.COMMAND_LOW:
        s.commandLow = value & 0xcdfff;
        this.#command();
        break;
      case R.COMMAND_HIGH:
        s.commandHigh = (value & 0xff000000) >>> 0;
        break;
      case R.INITIAL_COUNT:
        s.initialCount = value;
        s.timerStart = this.#clock.now();
        s.timerExpired = false;
        this.#armTimer();
        break;
      case R.DIVIDE_CONFIGURATION:
        s.divideConfiguration = value & 0xb;
        this.#armTimer();
    }
  }

  /** I/O APICs are told of the end of what they have sent as a level (vol. 3 §10.8.5). */
  #endOfInterrupt(): void {
    const vector = this.#inService.highest;
    if (vector < 0) return;
    this.#inService.delete(vector);
    if (this.#levelTriggered.has(vector)) this.#bus.endOfInterrupt(vector);
    this.#changed();
  }

  /** Software-disabling masks all local vectors (vol. 3 §10.4.7.2). */
  #writeSpuriousVector(value: number): void {
    const s = this.#s;
    s.spuriousVector = value & 0x1ff;
    if ((value & R.SOFTWARE_ENABLE) === 0) s.localVectors = s.localVectors.map((entry) => entry | R.LVT_MASKED);
    this.#armTimer();
    this.#bus.receptive();
    this.#changed();
  }

  /** Sends an interrupt: fixed ones and NMIs to this CPU arrive; the shorthand "self" is for fixed ones only. */
  #command(): void {
    const { commandLow, commandHigh } = this.#s;
    const mode = commandLow & DELIVERY_MODE;
    const shorthand = (commandLow >> R.SHORTHAND_SHIFT) & 3;
    const logical = (commandLow & LOGICAL_DESTINATION_MODE) !== 0;
    const addressed = shorthand === 0 && this.#isAddressed({ destination: commandHigh >>> 24, logical });
    const here = shorthand === R.SHORTHAND_ALL || addressed;
    const ofSelf = mode === DELIVERY_FIXED && shorthand === R.SHORTHAND_SELF;
    if (ofSelf || (here && COMMANDS.has(mode))) this.#take({ mode, vector: commandLow & 0xff, level: false });
  }

  /** ns of one count. Encoding of the divider: bits 3, 1, 0; 7 is 1, n is 2^(n + 1). */
  get #countTime(): number {
    const code = (this.#s.divideConfiguration & 3) | ((this.#s.divideConfiguration & 8) >> 1);
    return NS_PER_TICK * (code === 7 ? 1 : 2 ** (code + 1));
  }

  #currentCount(): number {
    const { initialCount, timerStart, localVectors } = this.#s;
    if (initialCount === 0) return 0;
    const counted = Math.floor((this.#clock.now() - timerStart) / this.#countTime);
    if ((localVectors[TIMER] & R.LVT_PERIODIC) !== 0) return initialCount - (counted % initialCount);
    return Math.max(initialCount - counted, 0);
  }

  /** A one-shot that has run down while it was masked interrupts nobody. */
  #expireMasked(): void {
    const { initialCount, timerStart, localVectors } = this.#s;
    const masked = (localVectors[TIMER] & R.LVT_MASKED) !== 0;
    if (masked && this.#clock.now() - timerStart >= initialCount * this.#countTime) this.#s.timerExpired = true;
  }

  /**
   * Schedules the timer's next interrupt, if it counts and is not masked. A one-shot whose time has come meanwhile is due, however short
   * it is: guest time goes on between two of its readings.
   */
  #armTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { initialCount, timerStart, localVectors, timerExpired } = this.#s;
    const entry = localVectors[TIMER];
    if (initialCount === 0 || (entry & R.LVT_MASKED) !== 0) return;
    const period = initialCount * this.#countTime;
    if ((entry & R.LVT_PERIODIC) === 0) {
      if (timerExpired) return;
      const expire = () => {
        this.#s.timerExpired = true;
        this.#request(entry & 0xff);
      };
      this.#timer = this.#clock.schedule(timerStart + period, expire, SHOT_TOLERANCE);
      return;
    }
    const passed = Math.floor((this.#clock.now() - timerStart) / period);
    this.#timer = this.#clock.schedule(timerStart + (passed + 1) * period, () => {
      this.#request(entry & 0xff);
      this.#armTimer();
    });
  }
}

function initialState(): Omit<LocalApicState, 'requested' | 'inService' | 'levelTriggered'> {
  const localVectors = new Array<number>(LVT_COUNT).fill(R.LVT_MASKED);
  localVectors[LINT0] = R.VIRTUAL_WIRE;
  return {
    version: 3,
    taskPriority: 0,
    logicalDestination: 0,
    destinationFormat: 0xffffffff,
    spuriousVector: 0xff,
    commandLow: 0,
    commandHigh: 0,
    localVectors,
    initialCount: 0,
    divideConfiguration: 0,
    timerStart: 0,
    timerExpired: false,
    externalRequested: false,
  };
}
