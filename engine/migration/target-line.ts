// The source's line to the target of one migration. Before the handover anything that happens to it interrupts the migration
// (interruption.ts), and whatever interrupts the migration closes the stream, so that everything that is waiting on it ends
// too. From `handOver` on nothing is a failure any more: the handover decides.

import type { Stream } from '../subnet/streams/stream.ts';
import type { MigrationContext } from './context.ts';
import { Handover, type Verdict } from './handover.ts';
import { type Interruption, MigrationError } from './interruption.ts';
import type { OutcomeRouter } from './outcome-router.ts';
import { decodeTargetMessage, SMALL_MESSAGE_BYTES, type SourceMessage, type TargetMessage } from './protocol.ts';

/** A target that has been silent for so long ends a migration that has not been handed over, ms. */
export const TARGET_SILENCE_LIMIT_MS = 10_000;

export class TargetLine {
  readonly migration: string;
  readonly #context: MigrationContext;
  readonly #stream: Stream;
  readonly #interruption: Interruption;
  readonly #undo: (() => void)[];
  #expected: { type: TargetMessage['type']; arrived: () => void; failed: (error: MigrationError) => void } | undefined;
  #handover: Handover | undefined;
  #bytes = 0;

  constructor(
    context: MigrationContext,
    migration: string,
    stream: Stream,
    outcomes: OutcomeRouter,
    interruption: Interruption,
  ) {
    this.#context = context;
    this.migration = migration;
    this.#stream = stream;
    this.#interruption = interruption;
    interruption.onInterrupted((reason) => {
      this.#expected?.failed(reason);
      this.#stream.close(reason.message);
    });
    this.#undo = [
      outcomes.route(migration, stream.peer, (outcome) => {
        if (this.#handover) this.#handover.hear(outcome);
        else if (outcome.outcome === 'abandoned') this.fail(new MigrationError(outcome.reason));
      }),
      context.presence.onGone(({ id, reason }) => {
        if (id === stream.peer) this.fail(new MigrationError(`${stream.peer} is gone: ${reason}`));
      }),
      context.presence.onSilence((id, ms) => {
        if (id !== stream.peer || ms < TARGET_SILENCE_LIMIT_MS) return;
        this.fail(new MigrationError(`${stream.peer} has not been heard from for ${Math.round(ms / 1000)} seconds.`));
      }),
    ];
    void stream.closed.then((reason) => this.fail(new MigrationError(reason)));
    stream.receive((payload) => this.#hear(decodeTargetMessage(payload)));
  }

  /** Bytes put on the wire so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws MigrationError once the migration has failed. */
  async send(message: SourceMessage, bytes = SMALL_MESSAGE_BYTES): Promise<void> {
    this.#bytes += bytes;
    await this.#unlessFailed(this.#stream.send(message, bytes));
  }

  /** Resolves when the target has processed everything sent. @throws MigrationError */
  drained(): Promise<void> {
    return this.#unlessFailed(this.#stream.drained());
  }

  /** Sends a message and waits for the target's answer. @throws MigrationError */
  async ask(message: SourceMessage, answer: TargetMessage['type'], bytes = SMALL_MESSAGE_BYTES): Promise<void> {
    const answered = new Promise<void>((arrived, failed) => {
      this.#expected = { type: answer, arrived, failed };
    });
    await Promise.all([answered, this.send(message, bytes)]);
  }

  /** Ends the migration, unless the handover has begun: then it returns false. */
  fail(error: MigrationError): boolean {
    if (this.#handover) return false;
    this.#interruption.interrupt(error);
    return true;
  }

  /** Sends ACTIVATE and finds out whose the VM is. @throws MigrationError if it has failed before: nothing was sent then. */
  handOver(onTaken: () => void): Promise<Verdict> {
    this.#interruption.check();
    this.#handover = new Handover(this.#context, this.migration, this.#stream.peer, onTaken);
    this.#bytes += SMALL_MESSAGE_BYTES;
    // If the stream breaks now the handover finds out by asking.
    this.#stream.send({ type: 'activate' } satisfies SourceMessage, SMALL_MESSAGE_BYTES).catch(() => {});
    return this.#handover.verdict;
  }

  close(): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#stream.close('The migration is over.');
  }

  #hear(message: TargetMessage): void {
    const expected = this.#expected;
    if (expected?.type !== message.type) {
      this.fail(new MigrationError(`${this.#stream.peer} said "${message.type}" out of turn.`));
      return;
    }
    this.#expected = undefined;
    expected.arrived();
  }

  async #unlessFailed(work: Promise<void>): Promise<void> {
    try {
      await work;
    } finally {
      // What broke the stream says more than that it is broken.
      this.#interruption.check();
    }
  }
}
