// The commit: ownership of the VM moves exactly once, although either host may vanish or freeze at any moment.
//
// Two generals cannot agree over a wire that loses messages; what makes it possible here is that a host that lives is heard
// (the channel loses nothing between live nodes), and that a host may be taken for dead only under rules that both ends know:
//
// 1. Before the source sends ACTIVATE the VM is the source's. It may abandon the move for any reason and resume the guest,
//    since a target runs nothing without ACTIVATE.
// 2. After it has sent ACTIVATE the source does not run the guest until it knows that the target never will.
// 3. The commit is one uninterrupted step of the target: it checks that it is still entitled, posts TAKEN, and starts the
//    vCPU (whatever can fail was done in `prepare`). From then on the VM is the target's, and lost with it, as any VM is
//    lost with its host.
// 4. It is entitled for ACTIVATION_LEASE_MS after it posted PREPARED, by its own clock. The source can take a silent target
//    for dead only SILENCE_MS after it heard PREPARED, which is later. So a target that was frozen, and thaws, finds its
//    lease expired before it can take what the source has taken back; and one that did take it in time has been heard.
// 5. A source that gets no answer asks (RESOLVE). By answering, a target that has not taken the VM renounces it for good;
//    so every answer is final, and a lost TAKEN is found out.
// 6. If the target is gone before TAKEN was heard, the source resumes. If it is gone after TAKEN but before RUNNING, the
//    source still has the stopped guest: it resumes it if the target's death is certain (goodbye, or its life lock was seen
//    held and is released); a target that is merely silent may be running it.
// 7. If the source is certainly dead while the target is prepared, the target takes the VM: no other host can run it. If the
//    source is merely silent, the target abandons the move.

import { deferred } from '../base/deferred.ts';
import { every } from '../base/timebase.ts';
import type { MigrationContext } from './context.ts';
import { type Outcome, RESOLVE } from './protocol.ts';

const RESOLVE_MS = 500;

export type Verdict =
  /** The VM is the source's and may be resumed. */
  | { owner: 'source'; reason: string }
  /** The VM runs at the target, since `at` (ms since the epoch). */
  | { owner: 'target'; at: number }
  /** The target has taken the VM and has fallen silent: the source may not run it. */
  | { owner: 'silent target'; reason: string };

/** The source's side, from ACTIVATE on. It is fed with what comes from the target, and settles on one verdict. */
export class Handover {
  readonly verdict: Promise<Verdict>;
  readonly #settled = deferred<Verdict>();
  readonly #onTaken: () => void;
  readonly #undo: (() => void)[];
  #stopAsking: () => void;
  #taken = false;

  constructor(context: MigrationContext, migration: string, target: string, onTaken: () => void) {
    this.verdict = this.#settled.promise;
    this.#onTaken = onTaken;
    this.#undo = [
      context.presence.onGone(({ id, certain, reason }) => {
        if (id === target) this.#targetGone(certain, `${target} is gone: ${reason}`);
      }),
      () => this.#stopAsking(),
    ];
    // Not before ACTIVATE can have arrived: RESOLVE is faster than the link, and a target that is asked takes nothing any more.
    const { link, subnet, timebase } = context;
    this.#stopAsking = timebase.after(link.settings.latencyMs, () => {
      this.#stopAsking = every(timebase, RESOLVE_MS, () => subnet.send(target, RESOLVE, { migration }));
    });
  }

  hear(outcome: Outcome): void {
    if (outcome.outcome === 'abandoned') this.#settle({ owner: 'source', reason: outcome.reason });
    else if (outcome.outcome === 'running') this.#settle({ owner: 'target', at: outcome.at });
    else if (!this.#taken) {
      this.#taken = true;
      this.#onTaken();
    }
  }

  #targetGone(certain: boolean, reason: string): void {
    this.#settle(this.#taken && !certain ? { owner: 'silent target', reason } : { owner: 'source', reason });
  }

  #settle(verdict: Verdict): void {
    for (const undo of this.#undo.splice(0)) undo();
    this.#settled.resolve(verdict);
  }
}
