// Where the subnet's DHCP leases outlive its hosts: IndexedDB, one record for the origin.

import { openDB } from 'idb';
import type { LeaseStore } from '../engine/network/responders/lease-table.ts';

const STORE = 'leases';
const KEY = 'subnet';

const open = () => openDB('tabvisor-network', 1, { upgrade: (database) => void database.createObjectStore(STORE) });
/** One connection for the worker's life. */
let database: ReturnType<typeof open> | undefined;

export const indexedDbLeases: LeaseStore = {
  async load() {
    database ??= open();
    return (await database).get(STORE, KEY);
  },
  async save(leases) {
    database ??= open();
    await (await database).put(STORE, leases, KEY);
  },
};
