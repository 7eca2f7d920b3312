// The source's side of live migration: pre-flight checks → reservation → iterative pre-copy while the guest runs →
// stop-and-copy → commit → release. Until the commit any failure leaves the guest running here; after it the VM is the
// target's (handover.ts has the reasoning).
//
// A page is copied while the guest may be writing it. That is sound because the dirty log is on before the first copy and
// `takeDirty` clears a page's bit before the round that copies it: a write during or after the copy sets the bit again, and
// what is still set when the guest stands still is sent once more.
//
// Every wait before the commit ends at once when the migration is interrupted (interruption.ts). Only the guest's stop is
// waited for in any case, since it must be known whether it is to be resumed.

import { PAGE_SIZE } from '../base/sizes.ts';
import type { Flow } from '../subnet/link/link.ts';
import { cloneSize } from './clone-size.ts';
import type { MigrationContext } from './context.ts';
import { DEFAULT_LIMITS, decide, expectedDowntime, measuredRate, type PrecopyLimits } from './convergence.ts';
import { AGREED_SLACK, ANSWER_MS, askDowntime, type DowntimeFigures, overLimitReason } from './downtime-question.ts';
import { formatDuration } from './figures.ts';
import type { Verdict } from './handover.ts';
import { Interruption, MigrationCancelled, MigrationError } from './interruption.ts';
import type { OutcomeRouter } from './outcome-router.ts';
import { PageBatchWriter } from './page-batch.ts';
import { addPages, allPages, countPages, eachPage } from './page-set.ts';
import type { MigratableVm } from './ports.ts';
import { Progress } from './progress.ts';
import { MIGRATION_SERVICE } from './protocol.ts';
import type { MigrationStatistics } from './statistics.ts';
import { TargetLine } from './target-line.ts';

export interface OutgoingOptions {
  context: MigrationContext;
  outcomes: OutcomeRouter;
  vm: MigratableVm;
  targetHostId: string;
  limits?: PrecopyLimits;
  /** The user may agree to a standstill over the limit (`agree`): the migration waits for that instead of failing at once. */
  ask?: boolean;
  /** Called at every change of stage and about ten times a second in between; gets a copy of its own. */
  onProgress?: (statistics: MigrationStatistics) => void;
}

/** While a question stands. */
const BETWEEN_ROUNDS_MS = 500;

type Moved = Exclude<Verdict, { owner: 'source' }>;
type Stayed = { owner: 'source'; error: Error };

export class OutgoingMigration {
  readonly #context: MigrationContext;
  readonly #outcomes: OutcomeRouter;
  readonly #vm: MigratableVm;
  readonly #target: string;
  readonly #limits: PrecopyLimits;
  readonly #mayAsk: boolean;
  /** Ends the wait for an answer. */
  #stopAsking: (() => void) | undefined;
  #hurry = () => {};
  #stoppedAt: number | undefined;
  readonly #progress: Progress;
  readonly #writer: PageBatchWriter;
  #line: TargetLine | undefined;
  readonly #interruption = new Interruption();
  #logging = false;
  #paused = false;

  constructor(options: OutgoingOptions) {
    this.#context = options.context;
    this.#outcomes = options.outcomes;
    this.#vm = options.vm;
    this.#target = options.targetHostId;
    this.#limits = { ...(options.limits ?? DEFAULT_LIMITS) };
    this.#mayAsk = options.ask ?? false;
    this.#writer = new PageBatchWriter(options.context.checksum);
    const identity = {
      vmId: options.vm.spec.id,
      vmName: options.vm.spec.name,
      sourceHostId: options.context.subnet.nodeId,
      targetHostId: options.targetHostId,
      totalPages: options.vm.pages,
    };
    this.#progress = new Progress(identity, this.#limits, options.context.timebase, options.onProgress ?? (() => {}));
  }

  /** As last reported. */
  get statistics(): MigrationStatistics {
    return this.#progress.statistics;
  }

  /**
   * Runs the migration, once.
   * @returns the final statistics; the VM then runs at the target and is released here.
   * @throws MigrationError why the VM did not move, user-facing; it then runs here as before. MigrationCancelled if
   * it was cancelled.
   */
  async run(): Promise<MigrationStatistics> {
    const flow = this.#context.link.openFlow();
    void this.#vm.ended.then((reason) => this.#interrupt(new MigrationError(reason)));
    const verdict = await this.#move(flow).catch((error: Error): Stayed => ({ owner: 'source', error }));
    try {
      return verdict.owner === 'source' ? await this.#stay(verdict.error) : await this.#leave(verdict);
    } finally {
      this.#line?.close();
      flow.close();
    }
  }

  /** Cancels the migration, unless the VM has been handed over already: then it returns false. */
  cancel(reason = 'It was cancelled.'): boolean {
    return this.#interrupt(new MigrationCancelled(reason));
  }

  /** The user agrees that the guest stands still for about `downtimeMs`. It is stopped when a round has ended. */
  agree(downtimeMs: number): void {
    const { statistics } = this;
    if (!statistics.question) return;
    this.#limits.downtimeLimitMs = Math.max(this.#limits.downtimeLimitMs, downtimeMs * AGREED_SLACK);
    statistics.downtimeLimitMs = this.#limits.downtimeLimitMs;
    this.#answered();
    this.#hurry();
  }

  #interrupt(reason: MigrationError): boolean {
    if (this.#line) return this.#line.fail(reason);
    this.#interruption.interrupt(reason);
    return true;
  }

  async #move(flow: Flow): Promise<Moved | Stayed> {
    this.#progress.enter('preflight');
    const line = await this.#connect(flow);
    this.#progress.enter('reservation');
    await this.#reserve(line);
    // A VM that is off has no memory to copy and no guest to stop: the commit is the same.
    const cold = this.#vm.pages === 0;
    if (!cold) this.#progress.enter('precopy');
    const left = cold ? new Uint32Array() : await this.#precopy(line);
    if (!cold) this.#progress.enter('stop-and-copy');
    // A cold migration stops no guest, so it has no limit.
    if (cold) await this.#sendLast(line, left);
    else await this.#stopAndCopy(line, left);
    this.#progress.enter('commit');
    const verdict = await line.handOver(() => this.#progress.enter('activate'));
    this.statistics.bytes = line.bytes;
    if (verdict.owner === 'source') return { owner: 'source', error: new MigrationError(verdict.reason) };
    if (verdict.owner === 'target' && this.#stoppedAt !== undefined) {
      this.statistics.downtimeMs = verdict.at - this.#stoppedAt;
    }
    return verdict;
  }

  async #connect(flow: Flow): Promise<TargetLine> {
    const { presence, streams, subnet, timebase } = this.#context;
    if (this.#target === subnet.nodeId) throw new MigrationError('It is on that host already.');
    if (!presence.find(this.#target)?.host) throw new MigrationError(`There is no host ${this.#target} on the subnet.`);
    const connecting = streams.connect(this.#target, MIGRATION_SERVICE, flow);
    void connecting.then(
      (stream) => this.#interruption.onInterrupted((reason) => stream.close(reason.message)),
      () => {},
    );
    const stream = await this.#interruption.unlessInterrupted(connecting);
    const migration = `${subnet.nodeId}/${this.#vm.spec.id}/${timebase.now()}`;
    this.#line = new TargetLine(this.#context, migration, stream, this.#outcomes, this.#interruption);
    return this.#line;
  }

  async #reserve(line: TargetLine): Promise<void> {
    const { spec, pages } = this.#vm;
    await line.ask({ type: 'offer', migration: line.migration, spec, pages }, 'reserved', cloneSize(spec));
  }

  /** Returns the pages that are still to be sent when the guest is stopped. */
  async #precopy(line: TargetLine): Promise<Uint32Array> {
    this.#logging = true;
    await this.#interruption.unlessInterrupted(this.#vm.startDirtyLog());
    const { statistics } = this;
    const { timebase, link: modelled } = this.#context;
    let pages = allPages(this.#vm.pages);
    for (;;) {
      await this.#sendRound(line, pages);
      pages = await this.#interruption.unlessInterrupted(this.#vm.takeDirty());
      const dirty = countPages(pages);
      this.#progress.endRound(dirty);
      const switchOver = { ...modelled.settings, stateBytes: this.#vm.stateBytes() };
      statistics.expectedDowntimeMs = expectedDowntime(statistics.rounds, dirty, switchOver);
      const verdict = decide(statistics.rounds, statistics.expectedDowntimeMs, this.#limits);
      if (verdict === 'stop') break;
      if (verdict === 'go on') continue;
      if (!this.#mayAsk) throw new MigrationError(overLimitReason(this.#figures()));
      this.#askToMoveAnyway();
      // Rounds may be short, and are no use by themselves.
      const waited = new Promise<void>((over) => {
        this.#hurry = over;
        timebase.after(BETWEEN_ROUNDS_MS, over);
      });
      await this.#interruption.unlessInterrupted(waited);
    }
    this.#answered();
    return pages;
  }

  #figures(): DowntimeFigures {
    const { dirtyRate, rounds, vmName, expectedDowntimeMs } = this.statistics;
    const { latencyMs, bandwidthMbits } = this.#context.link.settings;
    return {
      name: vmName,
      dirtyRate: dirtyRate * PAGE_SIZE,
      linkRate: measuredRate(rounds) * 1000 || bandwidthMbits * 125_000,
      latencyMs,
      downtimeMs: expectedDowntimeMs,
      limitMs: this.#limits.downtimeLimitMs,
    };
  }

  /** Asks, or puts the newest figures into the question that stands already. */
  #askToMoveAnyway(): void {
    const { timebase } = this.#context;
    const answerBy = this.statistics.question?.answerBy ?? timebase.now() + ANSWER_MS;
    this.#stopAsking ??= timebase.after(ANSWER_MS, () => {
      this.#interrupt(new MigrationError(`${overLimitReason(this.#figures())} Nobody agreed to that.`));
    });
    this.#progress.ask(askDowntime(this.#figures(), answerBy));
  }

  #answered(): void {
    this.#stopAsking?.();
    this.#stopAsking = undefined;
    if (this.statistics.question) this.#progress.ask(undefined);
  }

  async #stopAndCopy(line: TargetLine, left: Uint32Array): Promise<void> {
    const { timebase } = this.#context;
    this.#stoppedAt = timebase.now();
    const limitMs = this.#limits.downtimeLimitMs;
    // A bound, not a hope: the link may be slower now than it was. After the commit there is no way back (handover.ts).
    const withdraw = timebase.after(limitMs, () => {
      const goes = `The switch-over was not done within ${formatDuration(limitMs)}, the limit of its standstill`;
      line.fail(new MigrationError(`${goes}: ${formatDuration(this.statistics.expectedDowntimeMs)} were expected.`));
    });
    try {
      await this.#sendLast(line, left);
    } finally {
      withdraw();
    }
  }

  async #sendLast(line: TargetLine, left: Uint32Array): Promise<void> {
    this.#paused = true;
    const saved = await this.#vm.pause();
    this.#interruption.check();
    addPages(left, await this.#interruption.unlessInterrupted(this.#vm.takeDirty()));
    if (this.#vm.pages > 0) {
      await this.#sendRound(line, left);
      this.#progress.endRound(0);
    }
    await line.ask({ type: 'state', saved }, 'prepared', cloneSize(saved));
  }

  /** Sends the pages, and waits until the target has them: what queued would add to the downtime. */
  async #sendRound(line: TargetLine, pages: Uint32Array): Promise<void> {
    this.#progress.beginRound(countPages(pages));
    for (const page of eachPage(pages)) {
      if (!this.#writer.hasRoomFor(page)) await this.#sendBatch(line);
      const coming = this.#vm.bring(page);
      if (coming) await this.#interruption.unlessInterrupted(coming);
      if (this.#vm.isZero(page)) this.#writer.addZero(page);
      else this.#vm.readPage(page, this.#writer.addContents(page));
    }
    if (!this.#writer.empty) await this.#sendBatch(line);
    await line.drained();
  }

  async #sendBatch(line: TargetLine): Promise<void> {
    const { contentPages, zeroPages } = this.#writer;
    const batch = this.#writer.take(this.statistics.round);
    await line.send({ type: 'pages', batch }, batch.byteLength);
    this.#progress.sent(contentPages, zeroPages, line.bytes);
    this.#progress.lookAtDirty(() => this.#vm.countDirty());
  }

  /** The VM is the target's. */
  async #leave(verdict: Moved): Promise<MigrationStatistics> {
    const { name } = this.#vm.spec;
    try {
      await this.#vm.release();
    } finally {
      if (verdict.owner === 'target') this.#progress.finish('completed');
    }
    if (verdict.owner === 'target') return structuredClone(this.statistics);
    const message = `${name} was handed over, but ${verdict.reason} If that host comes back, the VM is there.`;
    this.#progress.finish('failed', message);
    throw new MigrationError(message);
  }

  async #resume(): Promise<void> {
    await this.#vm.resume();
    if (this.#stoppedAt !== undefined) this.statistics.downtimeMs = this.#context.timebase.now() - this.#stoppedAt;
  }

  /** The VM stays here and runs on. */
  async #stay(cause: Error): Promise<never> {
    const cancelled = cause instanceof MigrationCancelled;
    const error = cause instanceof MigrationError ? cause : new MigrationError(cause.message);
    this.#line?.fail(error);
    this.#stopAsking?.();
    const { name } = this.#vm.spec;
    let message = `${name} stays on ${this.#context.subnet.nodeId}: ${error.message}`;
    try {
      if (this.#paused) await this.#resume();
      if (this.#logging) await this.#vm.stopDirtyLog();
    } catch (failure) {
      message += ` It could not be resumed: ${(failure as Error).message}`;
    }
    this.#progress.finish(cancelled ? 'cancelled' : 'failed', message);
    throw cancelled ? new MigrationCancelled(message) : new MigrationError(message);
  }
}
