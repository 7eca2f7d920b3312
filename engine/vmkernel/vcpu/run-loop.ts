// A vCPU's run loop. It never blocks its worker: it runs turns of a few ms and returns to the event loop between them; when
// the CPU is halted it waits on the doorbell until the next timer of the guest.
//
//   turn:  safe point → due timers, arrived frames, transfers → run until the next timer or the end of the turn → again, until the
//          turn is over
//   then:  yield (busy) or wait (halted) → next turn
//
// The guest's clock is read in each slice, and every LOOK_MS while the CPU is halted: a longer time between two reads means
// that the worker was not scheduled (pc/bus/clock.ts).
//
// Safe point: STOP is cleared, then shootdowns are answered. The loop is entered from nowhere but its own tasks, so
// whatever another task of this worker does (pause, save, input) happens at a safe point too.

import { EngineFailure, failedIn } from '../../base/engine-failure.ts';
import {
  DOORBELL_INTR,
  DOORBELL_STOP,
  EXIT_FPU_ERROR,
  EXIT_HALT,
  EXIT_PAGE,
  EXIT_SHUTDOWN,
  EXIT_STOP,
  N_BUSY_NS,
  N_INSTRUCTIONS,
  N_TURNS,
  N_USER_ENTRIES,
  RUN_HALTED,
  RUN_STATE,
  SYSFLAGS,
} from '../../cpu/abi/layout.ts';
import type { Executor, ExitReason } from '../../cpu/executor/executor-api.ts';
import { LOOK_MS } from '../../pc/bus/clock.ts';
import type { WantedPages } from '../memory/wanted-pages.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import type { Doorbell } from '../shared/doorbell.ts';
import type { WaitForChange } from '../shared/shared-wait.ts';
import type { ShootdownResponder } from '../shared/shootdown.ts';
import type { YieldTask } from '../shared/yield-task.ts';
import { Pace } from './pace.ts';
import { type Stretch, TimerCoalescing } from './timer-coalescing.ts';

const EFLAGS_IF = 1 << 9;

/** ms a turn lasts at most, about. */
const TURN_MS = 5;

/** ms that a page is waited for, while this worker runs. After that its supply is taken to have failed. */
const PAGE_LIMIT_MS = 30_000;

/** The guest's clock as the loop needs it; times in ns since power-on. */
export interface LoopClock {
  now(): number;
  nextDeadline(): number | undefined;
  /** Late by what the timers tolerate while the guest is idle. */
  nextIdleDeadline(): number | undefined;
  runDue(): number;
}

/** The devices' transfers as the loop needs them (pc/bus/transfers.ts). */
export interface LoopTransfers {
  /** Has one not been tried since it was asked for? */
  readonly due: boolean;
  runPending(): void;
}

export interface RunLoopPorts {
  executor: Executor;
  clock: LoopClock;
  transfers: LoopTransfers;
  doorbell: Doorbell;
  shootdown: ShootdownResponder;
  /** The pages that have been asked for. */
  wanted: Pick<WantedPages, 'allCame' | 'beginSlice'>;
  /** Monotonic ms. */
  hostNow(): number;
  yieldTask: YieldTask;
  waitForChange: WaitForChange;
  /** At each safe point: take in what has come from outside. */
  poll(): void;
  /** Before the event loop gets its turn: hand over what has gathered. */
  endOfTurn(): void;
  /** The CPU stands for an x87 error that is to be reported by an interrupt. */
  onFpuError(): void;
  /** The CPU has halted with interrupts off, and nothing will wake it. The loop goes on, asleep. */
  onHaltedForGood(): void;
  /** The CPU has shut down (triple fault); the loop has stopped. */
  onShutdown(): void;
  /** The engine failed; the loop has stopped and the VM cannot go on. */
  onFailure(failure: EngineFailure): void;
}

type Outcome = 'again' | 'yield' | 'idle';

export class RunLoop {
  readonly #ports: RunLoopPorts;
  readonly #block: CpuBlock;
  readonly #pace = new Pace();
  #active = false;
  /** A task of an earlier start finds another generation and goes away. */
  #generation = 0;
  /** Guest time at which the present slice must be over. */
  #sliceDeadline = Number.POSITIVE_INFINITY;
  /** The slice was ended for what the loop itself does next: a timer, a transfer. */
  #goOn = false;
  /** Transfers asked for now are done before the CPU runs. */
  #atSafePoint = false;
  #stopRequest: (() => void) | undefined;
  /** The doorbell's value when the CPU was found halted. */
  #haltedBell = 0;
  #haltedForGood = false;
  /** For how long the CPU has waited for a page, ms; undefined: it does not. */
  #waitedForPage: number | undefined;
  readonly #coalescing: TimerCoalescing;
  /** What the turn is doing, should it fail. */
  #circumstance = '';
  /** The counters when the CPU was last found halted. */
  #haltedCounters: Stretch = { instructions: 0, userEntries: 0 };

  constructor(ports: RunLoopPorts) {
    this.#ports = ports;
    this.#block = new CpuBlock(ports.executor.memory, ports.executor.cpu);
    this.#coalescing = new TimerCoalescing(ports.hostNow());
  }

  get running(): boolean {
    return this.#active;
  }

  start(): void {
    if (this.#active) return;
    this.#active = true;
    this.#haltedForGood = false;
    const generation = ++this.#generation;
    this.#ports.shootdown.start();
    this.#ports.yieldTask(() => this.#turn(generation));
  }

  /** No instruction runs after this returns, no write tag is left, and no thread waits for a shootdown. */
  stop(): void {
    this.#active = false;
    this.#generation++;
    const { executor, shootdown } = this.#ports;
    executor.withdrawWrites();
    shootdown.stop();
  }

  /** For devices, while the CPU runs: stops at the next safe point, then calls `stopped`. */
  stopSoon(stopped: () => void): void {
    this.#stopRequest ??= stopped;
    this.#ports.doorbell.requestStop();
  }

  /** Something has scheduled a timer while the CPU runs: ends the slice early if it is due before the slice would end. */
  timersChanged(): void {
    const deadline = this.#ports.clock.nextDeadline();
    if (deadline === undefined || deadline >= this.#sliceDeadline) return;
    this.#sliceDeadline = deadline;
    this.#goOn = true;
    this.#ports.doorbell.requestStop();
  }

  /** A device has asked for a transfer: ends the slice, or wakes the loop, unless it is about to do it anyway. */
  transferRequested(): void {
    if (!this.#active || this.#atSafePoint) return;
    this.#goOn = true;
    this.#ports.doorbell.requestStop();
  }

  #turn(generation: number): void {
    if (generation !== this.#generation) return;
    let outcome: Outcome = 'again';
    this.#block.setCounter(N_TURNS, this.#block.counter(N_TURNS) + 1);
    try {
      const end = this.#ports.hostNow() + TURN_MS;
      do outcome = this.#slice(end);
      while (outcome === 'again' && this.#active && this.#ports.hostNow() < end);
      this.#circumstance = 'while handing over its output';
      this.#ports.endOfTurn();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#block.setCounter(N_TURNS, this.#block.counter(N_TURNS) + 1);
    }
    if (generation !== this.#generation) return;
    if (outcome === 'idle') void this.#waitHalted(generation).then(() => this.#turn(generation));
    else this.#ports.yieldTask(() => this.#turn(generation));
  }

  #failed(error: unknown): void {
    try {
      this.stop();
    } catch {
      // It has failed already: what matters is that nothing of it runs.
    }
    this.#ports.onFailure(failedIn(this.#circumstance, error));
  }

  #slice(end: number): Outcome {
    const { executor, clock, transfers, doorbell, shootdown, hostNow } = this.#ports;
    this.#circumstance = 'while its devices were served';
    this.#atSafePoint = true;
    doorbell.clearStop();
    this.#ports.wanted.beginSlice();
    shootdown.answer(() => executor.reconcile());
    clock.runDue();
    this.#ports.poll();
    transfers.runPending();
    this.#atSafePoint = false;

    this.#sliceDeadline = clock.nextDeadline() ?? Number.POSITIVE_INFINITY;
    this.#goOn = false;
    if (transfers.due) this.transferRequested();
    const start = hostNow();
    const untilTimer = (this.#sliceDeadline - clock.now()) / 1e6;
    const before = this.#block.counter(N_INSTRUCTIONS);
    this.#circumstance = 'while running guest code';
    const reason: ExitReason = executor.run(this.#pace.budget(Math.min(end - start, untilTimer)));
    const ms = hostNow() - start;
    this.#pace.measured(this.#block.counter(N_INSTRUCTIONS) - before, ms);
    this.#block.setCounter(N_BUSY_NS, this.#block.counter(N_BUSY_NS) + Math.round(ms * 1e6));
    this.#sliceDeadline = Number.NEGATIVE_INFINITY;

    this.#circumstance = 'while its devices were served';
    if (reason !== EXIT_PAGE) this.#waitedForPage = undefined;
    if (this.#stopRequest) {
      const stopped = this.#stopRequest;
      this.#stopRequest = undefined;
      this.stop();
      stopped();
      return 'yield';
    }
    switch (reason) {
      case EXIT_SHUTDOWN:
        this.stop();
        this.#ports.onShutdown();
        return 'yield';
      case EXIT_HALT:
        return this.#halted();
      case EXIT_FPU_ERROR:
        return this.#fpuError();
      case EXIT_PAGE:
        return this.#awaitPage();
      case EXIT_STOP:
        return this.#goOn ? 'again' : 'yield';
      default:
        return 'again';
    }
  }

  /** The CPU goes on with an interrupt, not only with the one that this raises. */
  #fpuError(): Outcome {
    this.#ports.onFpuError();
    const interruptible = (this.#block.u32(SYSFLAGS) & EFLAGS_IF) !== 0;
    return interruptible && this.#ports.doorbell.value & DOORBELL_INTR ? 'again' : this.#halted(!interruptible);
  }

  /** The CPU goes on when the page has come; timers and devices do so meanwhile. */
  #awaitPage(): Outcome {
    const { doorbell, wanted } = this.#ports;
    this.#haltedBell = doorbell.value;
    this.#waitedForPage ??= 0;
    if (wanted.allCame) return 'again';
    if (this.#waitedForPage > PAGE_LIMIT_MS)
      throw new EngineFailure('while the CPU waited for memory', `no page has come for ${PAGE_LIMIT_MS / 1000} s`);
    return this.#haltedBell & DOORBELL_STOP ? 'yield' : 'idle';
  }

  /** Is there anything to do for a halted CPU now? `forGood`: nothing will wake it. */
  #halted(forGood = this.#cannotWake()): Outcome {
    const { doorbell, clock, transfers } = this.#ports;
    this.#haltedBell = doorbell.value;
    if (transfers.due) return 'again';
    if (this.#haltedBell & DOORBELL_STOP) return 'yield';
    if (forGood && !this.#haltedForGood) this.#ports.onHaltedForGood();
    this.#haltedForGood = forGood;
    if (forGood) return 'idle';
    return clock.runDue() > 0 ? 'again' : 'idle';
  }

  /** HLT with interrupts off: only an NMI would end it, and the machine has no source of one but the running CPU. */
  #cannotWake(): boolean {
    return this.#block.u32(RUN_STATE) === RUN_HALTED && (this.#block.u32(SYSFLAGS) & EFLAGS_IF) === 0;
  }

  /** Until the doorbell changes or the guest's next timer is due; never without giving the event loop its turn. */
  async #waitHalted(generation: number): Promise<void> {
    this.#circumstance = 'while the CPU was halted';
    try {
      await this.#sleep(generation);
    } catch (error) {
      if (generation === this.#generation) this.#failed(error);
    }
  }

  async #sleep(generation: number): Promise<void> {
    const { doorbell, clock, hostNow, yieldTask, waitForChange } = this.#ports;
    const waitsForPage = this.#waitedForPage !== undefined;
    if (!waitsForPage) this.#coalescing.ran(hostNow(), this.#stretchSinceHalt());
    let waited = false;
    while (generation === this.#generation && doorbell.value === this.#haltedBell) {
      // Timers of a guest that cannot be woken have no effect.
      if (this.#haltedForGood) {
        waited = true;
        clock.now();
        await doorbell.wait(this.#haltedBell, LOOK_MS, waitForChange);
        continue;
      }
      if (this.#waitedForPage !== undefined && this.#waitedForPage > PAGE_LIMIT_MS) break;
      const deadline =
        !waitsForPage && this.#coalescing.idle(hostNow()) ? clock.nextIdleDeadline() : clock.nextDeadline();
      const ms = ((deadline ?? Number.POSITIVE_INFINITY) - clock.now()) / 1e6;
      if (ms <= 0) break;
      waited = true;
      const since = hostNow();
      await doorbell.wait(this.#haltedBell, Math.min(ms, LOOK_MS), waitForChange);
      // While the whole tab is frozen no page can be brought.
      if (this.#waitedForPage !== undefined) this.#waitedForPage += Math.min(hostNow() - since, 2 * LOOK_MS);
    }
    if (!waitsForPage && doorbell.value !== this.#haltedBell) this.#coalescing.disturbed(hostNow());
    if (!waited) await new Promise<void>((resolve) => yieldTask(resolve));
  }

  #stretchSinceHalt(): Stretch {
    const before = this.#haltedCounters;
    const instructions = this.#block.counter(N_INSTRUCTIONS);
    const userEntries = this.#block.counter(N_USER_ENTRIES);
    this.#haltedCounters = { instructions, userEntries };
    return { instructions: instructions - before.instructions, userEntries: userEntries - before.userEntries };
  }
}
