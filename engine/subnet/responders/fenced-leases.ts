// The lease store as one holder of the responder's office uses it, for its term: what a former holder still wants to write is
// refused by the store, and this side then learns of the later term. No answer of the store is waited for without a limit: a
// frozen tab may be in the middle of a transaction.

import type { Timebase } from '../../base/timebase.ts';
import { type Office, SupersededError } from '../presence/office.ts';
import type { Lease, LeaseStore } from './lease-table.ts';

/** Where leases outlive the worker: one store for each subnet, shared by all hosts. */
export interface FencedLeaseStore {
  /**
   * What was saved last; of any form, the caller validates it. From then on what an earlier term saves is refused.
   * @throws SupersededError if a later term has been here.
   */
  load(term: number): Promise<unknown>;
  /** @throws SupersededError if a later term has been here. */
  save(leases: Lease[], term: number): Promise<void>;
}

const STORE_LIMIT_MS = 5000;

export function leasesOfTerm(store: FencedLeaseStore, office: Office, term: number, timebase: Timebase): LeaseStore {
  const guarded = <T>(work: Promise<T>): Promise<T> =>
    within(work, timebase).catch((error: Error) => {
      if (error instanceof SupersededError) office.observe(error.term);
      throw error;
    });
  return {
    load: () => guarded(store.load(term)),
    save: (leases) => guarded(store.save(leases, term)),
  };
}

function within<T>(work: Promise<T>, timebase: Timebase): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = timebase.after(STORE_LIMIT_MS, () =>
      reject(new Error(`The store has not answered for ${STORE_LIMIT_MS / 1000} seconds.`)),
    );
    work.then(resolve, reject).finally(stop);
  });
}
