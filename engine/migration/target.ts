// The target's side of live migration for one host: accepts incoming migrations, and answers sources that are in doubt about
// how one ended. What it does not know any more, or never knew, it does not run.

import type { MigrationContext } from './context.ts';
import { IncomingMigration } from './incoming.ts';
import type { GuestSpec, TargetHost } from './ports.ts';
import { MIGRATION_SERVICE, OUTCOME, type Outcome, RESOLVE } from './protocol.ts';

/** Ended migrations that are remembered for a source that asks. */
const MEMORY = 256;

export class MigrationTarget<Spec extends GuestSpec = GuestSpec> {
  readonly #context: MigrationContext;
  readonly #active = new Map<string, IncomingMigration<Spec>>();
  readonly #ended = new Map<string, { source: string; outcome: Outcome }>();
  readonly #stopAnswering: () => void;

  constructor(context: MigrationContext, host: TargetHost<Spec>) {
    this.#context = context;
    const { subnet, streams, link } = context;
    streams.serve(MIGRATION_SERVICE, link.openFlow(), (stream) => {
      const incoming = new IncomingMigration<Spec>({
        context,
        host,
        stream,
        onOffered: (migration) => this.#begin(migration, incoming),
        onEnded: (migration, outcome) => this.#end(migration, stream.peer, outcome),
      });
    });
    this.#stopAnswering = subnet.on(RESOLVE, (from, { migration }) => this.#resolve(from, migration));
  }

  /**
   * Abandons the migration that brings the VM in. Undefined if there is none, false if it is too late: it was handed over. The
   * source, which may be frozen now, finds out when it goes on; the VM stays there.
   */
  cancel(vmId: string, reason: string): boolean | undefined {
    for (const incoming of this.#active.values()) if (incoming.vmId === vmId) return incoming.abandon(reason);
    return undefined;
  }

  /** Abandons all migrations on their way in. */
  close(): void {
    for (const incoming of [...this.#active.values()])
      incoming.abandon(`${this.#context.subnet.nodeId} is shutting down.`);
    this.#stopAnswering();
  }

  #begin(migration: string, incoming: IncomingMigration<Spec>): void {
    if (this.#active.has(migration) || this.#ended.has(migration)) {
      throw new Error('A migration of that name was offered before.');
    }
    this.#active.set(migration, incoming);
  }

  #end(migration: string, source: string, outcome: Outcome): void {
    this.#active.delete(migration);
    this.#ended.set(migration, { source, outcome });
    if (this.#ended.size > MEMORY) this.#ended.delete(this.#ended.keys().next().value!);
  }

  #resolve(from: string, migration: string): void {
    const active = this.#active.get(migration);
    const ended = this.#ended.get(migration);
    if ((active ?? ended)?.source !== from && (active ?? ended) !== undefined) return;
    if (active) active.resolve();
    else {
      const unknown: Outcome = { outcome: 'abandoned', reason: 'The host knows nothing of this migration.' };
      this.#context.subnet.send(from, OUTCOME, { migration, ...(ended?.outcome ?? unknown) });
    }
  }
}
