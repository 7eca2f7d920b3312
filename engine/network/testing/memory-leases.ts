// Leases that live as long as the object, for tests.

import type { Lease, LeaseStore } from '../responders/lease-table.ts';

export class MemoryLeases implements LeaseStore {
  leases: Lease[] | undefined;

  async load(): Promise<unknown> {
    return this.leases;
  }

  async save(leases: Lease[]): Promise<void> {
    this.leases = leases;
  }
}
