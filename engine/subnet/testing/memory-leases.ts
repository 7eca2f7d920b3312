// Leases that live as long as the object, for tests.

import { SupersededError } from '../presence/office.ts';
import type { FencedLeaseStore } from '../responders/fenced-leases.ts';
import type { Lease } from '../responders/lease-table.ts';

export class MemoryLeases implements FencedLeaseStore {
  leases: Lease[] | undefined;
  term = 0;

  async load(term: number): Promise<unknown> {
    this.#enter(term);
    return this.leases;
  }

  async save(leases: Lease[], term: number): Promise<void> {
    this.#enter(term);
    this.leases = leases;
  }

  #enter(term: number): void {
    if (term < this.term) throw new SupersededError(this.term);
    this.term = term;
  }
}
