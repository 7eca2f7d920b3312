// One VM on its way in, at the target. The states:
//
//   offered → receiving → prepared → taken → running
//      └──────────┴──────────┴──→ abandoned          (from taken too, if the vCPU could not be started)
//
// Invariants: `taken` is entered only by `#take`, in one step with the message that says so and with the start of the vCPU
// (handover.ts, rule 3). `abandoned` is final. The reserved VM is activated or discarded, never both, and not discarded
// while it is being filled.
//
// No source is waited for without a limit before `taken`: one that says nothing on its stream, or falls silent, loses its
// reservation. It finds out when it goes on, and the VM stays there.

import { shortened } from '../base/decode.ts';
import type { Stream } from '../subnet/streams/stream.ts';
import type { MigrationContext } from './context.ts';
import { applyPageBatch, type PageSink } from './page-batch.ts';
import { countPages } from './page-set.ts';
import type { GuestSpec, IncomingVm, SavedMachine, TargetHost } from './ports.ts';
import {
  ACTIVATION_LEASE_MS,
  decodeSourceMessage,
  OUTCOME,
  type Outcome,
  SMALL_MESSAGE_BYTES,
  type SourceMessage,
  type TargetMessage,
} from './protocol.ts';

/** A stream on which no offer has come by then is closed, ms: its opener had cancelled before this host accepted. */
const OFFER_LIMIT_MS = 10_000;
/** So long is memory kept for a source that has fallen silent, ms. */
export const SOURCE_SILENCE_LIMIT_MS = 30_000;

type State = 'offered' | 'receiving' | 'prepared' | 'taken' | 'running' | 'abandoned';

export interface IncomingOptions<Spec extends GuestSpec> {
  context: MigrationContext;
  host: TargetHost<Spec>;
  stream: Stream;
  /** The migration has got its name: from here on the source may ask for it. Throws if the name was used before. */
  onOffered: (migration: string) => void;
  /** It is over. */
  onEnded: (migration: string, outcome: Outcome) => void;
}

export class IncomingMigration<Spec extends GuestSpec = GuestSpec> {
  readonly source: string;
  readonly #context: MigrationContext;
  readonly #host: TargetHost<Spec>;
  readonly #stream: Stream;
  readonly #onOffered: (migration: string) => void;
  readonly #onEnded: (migration: string, outcome: Outcome) => void;
  readonly #undo: (() => void)[];
  #state: State = 'offered';
  #migration: string | undefined;
  #vmId: string | undefined;
  #vm: IncomingVm | undefined;
  /** Pages that were received at least once. */
  #received = new Uint32Array();
  #preparedAt = 0;
  /** Settles when the message being processed is done. */
  #busy: Promise<void> = Promise.resolve();

  constructor(options: IncomingOptions<Spec>) {
    this.source = options.stream.peer;
    this.#context = options.context;
    this.#host = options.host;
    this.#stream = options.stream;
    this.#onOffered = options.onOffered;
    this.#onEnded = options.onEnded;
    const { presence, timebase } = options.context;
    this.#undo = [
      presence.onGone(({ id, certain, reason }) => {
        if (id === this.source) this.#sourceGone(certain, `${this.source} is gone: ${reason}`);
      }),
      presence.onSilence((id, ms) => {
        if (id === this.source && ms >= SOURCE_SILENCE_LIMIT_MS)
          this.abandon(`${this.source} has not been heard from for ${Math.round(ms / 1000)} seconds.`);
      }),
      timebase.after(OFFER_LIMIT_MS, () => {
        if (this.#migration === undefined) this.abandon('No VM was offered.');
      }),
    ];
    void this.#stream.closed.then((reason) => this.abandon(reason));
    this.#stream.receive((payload) => {
      this.#busy = this.#handle(payload);
      return this.#busy;
    });
  }

  /** The VM that was offered. */
  get vmId(): string | undefined {
    return this.#vmId;
  }

  /** Abandons the VM for good, unless it is taken: then it returns false. */
  abandon(reason: string): boolean {
    if (this.#state === 'taken' || this.#state === 'running') return false;
    if (this.#state === 'abandoned') return true;
    this.#end('abandoned', { outcome: 'abandoned', reason: shortened(reason) });
    void this.#busy.then(() => this.#discard());
    return true;
  }

  /** The source asks how it ended: the answer is final (handover.ts, rule 5). */
  resolve(): void {
    if (this.#state === 'taken') this.#tell({ outcome: 'taken' });
    else this.abandon(`${this.source} waited too long for an answer.`);
  }

  async #handle(payload: unknown): Promise<void> {
    try {
      await this.#process(decodeSourceMessage(payload));
    } catch (error) {
      this.abandon(error instanceof Error ? error.message : String(error));
    }
  }

  #process(message: SourceMessage): void | Promise<void> {
    if (this.#state === 'abandoned') return;
    this.#context.link.arrived(message.type === 'pages' ? message.batch.byteLength : SMALL_MESSAGE_BYTES);
    if (message.type === 'offer' && this.#state === 'offered') return this.#offer(message);
    if (message.type === 'pages' && this.#state === 'receiving') return this.#pages(message.batch);
    if (message.type === 'state' && this.#state === 'receiving') return this.#prepare(message.saved);
    if (message.type === 'activate' && this.#state === 'prepared') return this.#activate();
    this.abandon(`${this.source} sent "${message.type}" out of turn.`);
  }

  async #offer({ migration, spec, pages }: SourceMessage & { type: 'offer' }): Promise<void> {
    this.#onOffered(migration);
    this.#migration = migration;
    this.#vmId = spec.id;
    const refusal = this.#host.admission(spec as Spec);
    if (refusal !== undefined) return void this.abandon(refusal);
    this.#vm = await this.#host.reserve(spec as Spec, pages);
    if (this.#vm.pages !== pages)
      return void this.abandon(`${spec.name} has ${pages} pages here, ${this.#vm.pages} there.`);
    this.#received = new Uint32Array(Math.ceil(pages / 32));
    this.#proceed('receiving', { type: 'reserved' });
  }

  #pages(batch: Uint8Array): void {
    const vm = this.#vm!;
    const sink: PageSink = {
      writePage: (page, contents) => {
        vm.writePage(page, contents);
        this.#received[page >> 5] |= 1 << (page & 31);
      },
      writeZero: (page) => {
        vm.writeZero(page);
        this.#received[page >> 5] |= 1 << (page & 31);
      },
    };
    applyPageBatch(batch, vm.pages, this.#context.checksum, sink);
  }

  async #prepare(saved: SavedMachine): Promise<void> {
    const vm = this.#vm!;
    const missing = vm.pages - countPages(this.#received);
    if (missing > 0) return void this.abandon(`${missing} of ${vm.pages} pages never arrived.`);
    await vm.prepare(saved);
    this.#preparedAt = this.#context.timebase.now();
    this.#proceed('prepared', { type: 'prepared' });
  }

  /** Goes on, unless the migration was abandoned while the message was being processed. */
  #proceed(state: State, answer: TargetMessage): void {
    if (this.#state === 'abandoned') return;
    this.#state = state;
    // If the stream breaks, that ends the migration by itself.
    this.#stream.send(answer, SMALL_MESSAGE_BYTES).catch(() => {});
  }

  #activate(): void {
    const late = this.#context.timebase.now() - this.#preparedAt > ACTIVATION_LEASE_MS;
    if (late) this.abandon('The word to go came too late.');
    else this.#take();
  }

  #sourceGone(certain: boolean, reason: string): void {
    if (certain && this.#state === 'prepared') this.#take();
    else this.abandon(reason);
  }

  /** The commit. No await between the message and the start. */
  #take(): void {
    this.#state = 'taken';
    this.#tell({ outcome: 'taken' });
    this.#vm!.activate().then(
      () => this.#end('running', { outcome: 'running', at: this.#context.timebase.now() }),
      (error: Error) => {
        this.#end('abandoned', { outcome: 'abandoned', reason: shortened(error.message) });
        void this.#discard();
      },
    );
  }

  #end(state: 'running' | 'abandoned', outcome: Outcome): void {
    this.#state = state;
    for (const undo of this.#undo.splice(0)) undo();
    this.#tell(outcome);
    this.#stream.close(outcome.outcome === 'abandoned' ? outcome.reason : 'The migration is over.');
    if (this.#migration !== undefined) this.#onEnded(this.#migration, outcome);
  }

  #tell(outcome: Outcome): void {
    if (this.#migration === undefined) return;
    this.#context.subnet.send(this.source, OUTCOME, { migration: this.#migration, ...outcome });
  }

  async #discard(): Promise<void> {
    try {
      await this.#vm?.discard();
    } catch (error) {
      this.#context.subnet.reportProblem('A VM that did not arrive could not be discarded', (error as Error).message);
    }
  }
}
