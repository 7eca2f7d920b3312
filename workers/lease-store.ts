// Where the subnet's DHCP leases outlive its hosts: IndexedDB, one record for the origin. Beside the leases stands the term of
// the office that wrote them, checked and written in one transaction: a former holder's write is refused.

import { openDB } from 'idb';
import { SupersededError } from '../engine/subnet/presence/office.ts';
import type { FencedLeaseStore } from '../engine/subnet/responders/fenced-leases.ts';

const STORE = 'leases';
const KEY = 'subnet';

const open = () => openDB('tabvisor-network', 1, { upgrade: (database) => void database.createObjectStore(STORE) });
/** One connection for the worker's life. */
let database: ReturnType<typeof open> | undefined;

interface LeaseRecord {
  term: number;
  leases: unknown;
}

export const indexedDbLeases: FencedLeaseStore = {
  load: (term) => change(term, (record) => record),
  async save(leases, term) {
    await change(term, () => leases);
  },
};

/** Replaces the leases by what `next` makes of them, as this term, and resolves with that. */
async function change(term: number, next: (leases: unknown) => unknown): Promise<unknown> {
  database ??= open();
  const transaction = (await database).transaction(STORE, 'readwrite');
  const known = recordOf(await transaction.store.get(KEY));
  if (known.term > term) throw new SupersededError(known.term);
  const leases = next(known.leases);
  await transaction.store.put({ term, leases } satisfies LeaseRecord, KEY);
  await transaction.done;
  return leases;
}

/** Earlier versions kept the bare list. */
function recordOf(value: unknown): LeaseRecord {
  const { term, leases } = (value ?? {}) as Partial<LeaseRecord>;
  return typeof term === 'number' ? { term, leases } : { term: 0, leases: value };
}
