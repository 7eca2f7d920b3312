// Where each address was last heard, by VLAN: learning and ageing (IEEE 802.1Q, 8.7 and 8.8). Addresses are numbers here
// (`macAt`), since every frame looks one up.
//
// Invariant: a port has at most `limit` learned addresses, so that a sender that makes up addresses evicts no others.

/** The 48 bits of the MAC address at an offset. */
export function macAt(bytes: Uint8Array, offset: number): number {
  const high = (bytes[offset] << 16) | (bytes[offset + 1] << 8) | bytes[offset + 2];
  const low = (bytes[offset + 3] << 16) | (bytes[offset + 4] << 8) | bytes[offset + 5];
  return high * 0x1000000 + low;
}

export function isGroupAddress(mac: number): boolean {
  return (Math.floor(mac / 2 ** 40) & 1) === 1;
}

/** IEEE 802.1Q, table 8-3. */
const DEFAULT_AGEING_MS = 300_000;
const DEFAULT_LIMIT = 1024;
/** How often a full port may have the whole table looked through for old addresses. */
const AGE_EVERY_MS = 1000;

interface Entry<Port> {
  port: Port;
  heardAt: number;
}

export interface MacTableOptions {
  ageingMs?: number;
  /** Learned addresses per port. */
  limit?: number;
}

export class MacTable<Port extends object> {
  readonly #ageingMs: number;
  readonly #limit: number;
  readonly #vlans = new Map<number, Map<number, Entry<Port>>>();
  readonly #learned = new WeakMap<Port, number>();
  #agedAt = Number.NEGATIVE_INFINITY;

  constructor({ ageingMs = DEFAULT_AGEING_MS, limit = DEFAULT_LIMIT }: MacTableOptions = {}) {
    this.#ageingMs = ageingMs;
    this.#limit = limit;
  }

  /** Notes that `mac` was heard on `port`; an address that has moved is from now on there. */
  learn(vlan: number, mac: number, port: Port, nowMs: number): void {
    const table = this.#vlans.get(vlan) ?? new Map<number, Entry<Port>>();
    this.#vlans.set(vlan, table);
    const entry = table.get(mac);
    if (entry?.port === port) {
      entry.heardAt = nowMs;
      return;
    }
    if (this.#isFull(port, nowMs)) return;
    if (entry) this.#add(entry.port, -1);
    table.set(mac, { port, heardAt: nowMs });
    this.#add(port, 1);
  }

  lookup(vlan: number, mac: number, nowMs: number): Port | undefined {
    const entry = this.#vlans.get(vlan)?.get(mac);
    return entry && nowMs - entry.heardAt <= this.#ageingMs ? entry.port : undefined;
  }

  /** Forgets what was learned on a port that is gone. */
  forget(port: Port): void {
    this.#remove((entry) => entry.port === port);
  }

  get size(): number {
    return [...this.#vlans.values()].reduce((sum, table) => sum + table.size, 0);
  }

  #isFull(port: Port, nowMs: number): boolean {
    if (this.#count(port) >= this.#limit && nowMs - this.#agedAt >= AGE_EVERY_MS) {
      this.#agedAt = nowMs;
      this.#remove((entry) => nowMs - entry.heardAt > this.#ageingMs);
    }
    return this.#count(port) >= this.#limit;
  }

  #remove(condition: (entry: Entry<Port>) => boolean): void {
    for (const table of this.#vlans.values()) {
      for (const [mac, entry] of table) {
        if (!condition(entry)) continue;
        table.delete(mac);
        this.#add(entry.port, -1);
      }
    }
  }

  #count(port: Port): number {
    return this.#learned.get(port) ?? 0;
  }

  #add(port: Port, difference: number): void {
    this.#learned.set(port, this.#count(port) + difference);
  }
}
