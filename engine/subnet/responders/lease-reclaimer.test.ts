// Who gets an address, and when it is free again, among hosts that come, freeze and go.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Subnet } from '../carrier/subnet.ts';
import type { Lives } from '../presence/lives.ts';
import { mac } from '../testing/frames.ts';
import { TestWire } from '../testing/test-wire.ts';
import { TestWitness } from '../testing/test-witness.ts';
import { CardRegistry } from './card-registry.ts';
import { LeaseReclaimer } from './lease-reclaimer.ts';
import { type Lease, LeaseTable } from './lease-table.ts';
import { DEFAULT_PLAN } from './subnet-plan.ts';

const PLAN = { ...DEFAULT_PLAN, pool: ['10.0.0.10', '10.0.0.14'] as const };
const DAY_MS = DEFAULT_PLAN.leaseSeconds * 1000;

interface Host {
  id: string;
  lives: Lives;
  state: 'alive' | 'frozen' | 'dead';
  registry: CardRegistry;
  macs: Set<string>;
}

/** What a guest believes. */
interface Client {
  address: string;
  until: number;
}

/** Hosts with VMs, and one of them that answers DHCP. */
class Site {
  readonly wire = new TestWire();
  readonly locks = new TestWitness(this.wire);
  readonly hosts: Host[] = [];
  readonly clients = new Map<string, Client>();
  /** Addresses that a card of v86, which no host announces, answers for. */
  readonly answering = new Map<string, string>();
  stored: Lease[] | undefined;
  office: { host: Host; leases: LeaseTable; reclaimer: LeaseReclaimer } | undefined;

  /** @param locks those of its browser */
  addHost(locks = this.locks): Host {
    const id = `host-${this.hosts.length}`;
    const { hold, watch } = locks.of(id);
    const lives = { own: `life/${id}`, watch };
    void hold(lives.own);
    const macs = new Set<string>();
    const subnet = new Subnet({ nodeId: id, openPort: this.wire.portsOf(id), onProblem: () => {} });
    const onChange = (deleted: readonly string[]) => {
      if (this.office?.host.id !== id) return;
      this.office.reclaimer.deleted(deleted);
      this.office.reclaimer.sweep();
    };
    const registry = new CardRegistry({ subnet, lives, onChange });
    const host: Host = { id, lives, state: 'alive', registry, macs };
    this.hosts.push(host);
    return host;
  }

  async elect(host: Host): Promise<void> {
    this.office?.reclaimer.stop();
    const timebase = this.wire.timebaseOf(host.id);
    const leases = await LeaseTable.open({
      plan: PLAN,
      timebase,
      store: {
        load: async () => structuredClone(this.stored),
        save: async (saved) => {
          this.stored = saved;
        },
      },
      isTaken: () => false,
      onProblem: (detail) => {
        throw new Error(detail);
      },
    });
    const reclaimer = new LeaseReclaimer({
      leases,
      cards: host.registry,
      lives: host.lives,
      timebase,
      ask: (address) => {
        const holder = this.answering.get(address);
        if (holder) reclaimer.heard(holder, address);
      },
      onReleased: () => {},
    });
    this.office = { host, leases, reclaimer };
    host.registry.ask();
    reclaimer.sweep();
    await this.wire.time.pass(5);
  }

  /** A VM starts on a host, and asks for an address. */
  boot(host: Host, card: string): string | undefined {
    host.macs.add(card);
    host.registry.setOwn([...host.macs]);
    return this.ask(card);
  }

  /** Discover and request. */
  ask(card: string): string | undefined {
    const leases = this.office?.leases;
    const address = leases?.offer(card);
    return address !== undefined && this.request(card, address) ? address : undefined;
  }

  /** Also what a client does that renews. */
  request(card: string, address: string): boolean {
    const granted = this.office?.leases.claim(card, address) ?? false;
    if (granted) this.clients.set(card, { address, until: this.wire.time.now() + DAY_MS });
    else this.clients.delete(card);
    return granted;
  }

  remove(host: Host, card: string): void {
    host.macs.delete(card);
    this.clients.delete(card);
    host.registry.setOwn([...host.macs]);
    host.registry.deleted([card]);
  }

  move(card: string, from: Host, to: Host): void {
    if (from === to) return;
    to.macs.add(card);
    to.registry.setOwn([...to.macs]);
    from.macs.delete(card);
    from.registry.setOwn([...from.macs]);
  }

  async kill(host: Host): Promise<void> {
    for (const card of host.macs) this.clients.delete(card);
    host.state = 'dead';
    host.macs.clear();
    this.wire.kill(host.id);
    await this.wire.time.pass(5);
  }

  freeze(host: Host): void {
    host.state = 'frozen';
    this.wire.freeze(host.id);
  }

  thaw(host: Host): void {
    host.state = 'alive';
    this.wire.thaw(host.id);
  }

  async pass(ms: number): Promise<void> {
    await this.wire.time.pass(ms);
    const now = this.wire.time.now();
    for (const [card, { until }] of this.clients) if (until <= now) this.clients.delete(card);
  }

  get alive(): Host[] {
    return this.hosts.filter(({ state }) => state === 'alive');
  }
}

async function siteWith(hosts: number): Promise<Site> {
  const site = new Site();
  for (let n = 0; n < hosts; n++) site.addHost();
  await site.elect(site.hosts[0]);
  return site;
}

/** Fills the pool from this host. */
async function fill(site: Site, host: Host): Promise<void> {
  for (let n = 1; n <= 5; n++) expect(site.boot(host, mac(n))).toBeDefined();
  await site.pass(5);
}

describe('an address is free again', () => {
  it('at once when its VM is deleted, on whichever host', async () => {
    const site = await siteWith(2);
    await fill(site, site.hosts[1]);
    expect(site.boot(site.hosts[0], mac(6))).toBeUndefined();
    expect(site.office?.leases.unanswered).toBe(1);
    site.remove(site.hosts[1], mac(3));
    await site.pass(5);
    expect(site.ask(mac(6))).toBe('10.0.0.12');
  });

  it('a minute after its host is gone', async () => {
    const site = await siteWith(2);
    await fill(site, site.hosts[1]);
    await site.kill(site.hosts[1]);
    await site.pass(50_000);
    expect(site.boot(site.hosts[0], mac(6))).toBeUndefined();
    await site.pass(30_000);
    expect(site.ask(mac(6))).toBeDefined();
    expect(site.office?.leases.room).toEqual({ size: 5, free: 4 });
  });

  it('a minute after a reload, when everything that was is no more', async () => {
    const site = await siteWith(1);
    await fill(site, site.hosts[0]);
    await site.kill(site.hosts[0]);
    const fresh = site.addHost();
    await site.elect(fresh);
    expect(site.boot(fresh, mac(6))).toBeUndefined();
    await site.pass(80_000);
    expect(site.ask(mac(6))).toBeDefined();
  });

  it('not while its host is frozen, though the one that answers has never met it', async () => {
    const site = await siteWith(2);
    await fill(site, site.hosts[1]);
    site.freeze(site.hosts[1]);
    await site.kill(site.hosts[0]);
    const fresh = site.addHost();
    await site.elect(fresh);
    await site.pass(600_000);
    expect(site.boot(fresh, mac(6))).toBeUndefined();
    expect(await site.wire.time.wait(site.office?.reclaimer.releaseUnused() ?? Promise.resolve(-1))).toBe(0);
    site.thaw(site.hosts[1]);
    await site.pass(600_000);
    expect(site.ask(mac(6))).toBeUndefined();
    await site.kill(site.hosts[1]);
    await site.pass(80_000);
    expect(site.ask(mac(6))).toBeDefined();
  });

  it('not when its host was in another browser and is silent: it may be frozen there', async () => {
    const site = await siteWith(1);
    const elsewhere = site.addHost(new TestWitness(site.wire));
    await fill(site, elsewhere);
    await site.kill(elsewhere);
    await site.pass(600_000);
    expect(site.boot(site.hosts[0], mac(6))).toBeUndefined();
    // Nor for another host after a reload.
    await site.kill(site.hosts[0]);
    const fresh = site.addHost();
    await site.elect(fresh);
    await site.pass(600_000);
    expect(site.boot(fresh, mac(7))).toBeUndefined();
    await site.pass(DAY_MS);
    expect(site.ask(mac(6))).toBeDefined();
  });

  it('not while its VM is off, or moves', async () => {
    const site = await siteWith(3);
    await fill(site, site.hosts[1]);
    site.move(mac(1), site.hosts[1], site.hosts[2]);
    await site.pass(600_000);
    expect(site.boot(site.hosts[0], mac(6))).toBeUndefined();
  });

  it('when a person asks for it and its card, of which no host tells, does not answer', async () => {
    const site = await siteWith(1);
    for (let n = 1; n <= 5; n++) site.answering.set(site.ask(mac(n)) ?? '', mac(n));
    site.answering.delete('10.0.0.11');
    await site.pass(600_000);
    expect(site.ask(mac(6))).toBeUndefined();
    expect(await site.wire.time.wait(site.office?.reclaimer.releaseUnused() ?? Promise.resolve(-1))).toBe(1);
    expect(site.ask(mac(6))).toBe('10.0.0.11');
  });
});

it('the one that has been free for longest goes first', async () => {
  const site = await siteWith(1);
  await fill(site, site.hosts[0]);
  for (const n of [4, 2, 5]) {
    site.remove(site.hosts[0], mac(n));
    await site.pass(1000);
  }
  expect([6, 7, 8].map((n) => site.boot(site.hosts[0], mac(n)))).toEqual(['10.0.0.13', '10.0.0.11', '10.0.0.14']);
});

describe('whatever happens', () => {
  const pick = fc.nat(100);
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ what: fc.constant('boot' as const), host: pick, card: pick }) },
    { weight: 3, arbitrary: fc.record({ what: fc.constant('renew' as const), host: pick, card: pick }) },
    {
      weight: 6,
      arbitrary: fc.record({
        what: fc.constantFrom('delete', 'move', 'freeze', 'thaw', 'kill', 'add host', 'elect', 'release', 'clean up'),
        host: pick,
        card: pick,
      }),
    },
    { weight: 3, arbitrary: fc.record({ what: fc.constantFrom('wait', 'wait long'), host: pick, card: pick }) },
  );

  async function take(site: Site, { what, host, card }: { what: string; host: number; card: number }): Promise<void> {
    const { alive, hosts } = site;
    const chosen = alive[host % alive.length];
    const owned = [...chosen.macs];
    const own = owned[card % Math.max(owned.length, 1)];
    switch (what) {
      case 'boot':
        for (let n = 0; n <= card % 4; n++) site.boot(chosen, mac(card * 10 + n));
        break;
      case 'renew': {
        const client = own === undefined ? undefined : site.clients.get(own);
        if (client) site.request(own, client.address);
        else if (own) site.ask(own);
        break;
      }
      case 'delete':
        if (own) site.remove(chosen, own);
        break;
      case 'move':
        if (own) site.move(own, chosen, alive[card % alive.length]);
        break;
      case 'freeze':
        if (alive.length > 1 && chosen !== site.office?.host) site.freeze(chosen);
        break;
      case 'thaw':
        for (const one of hosts) if (one.state === 'frozen') site.thaw(one);
        break;
      case 'kill': {
        if (alive.length === 1) site.addHost();
        await site.kill(chosen);
        if (chosen === site.office?.host) await site.elect(site.alive[0]);
        break;
      }
      case 'add host':
        if (hosts.length < 8) site.addHost();
        break;
      case 'elect':
        // Often one that started after others froze.
        await site.elect(card % 2 ? alive[alive.length - 1] : chosen);
        break;
      case 'release':
        if (own) {
          const client = site.clients.get(own);
          site.clients.delete(own);
          if (client) site.office?.leases.release(own, client.address);
        }
        break;
      case 'clean up':
        void site.office?.reclaimer.releaseUnused();
        break;
      case 'wait':
        await site.pass(30_000);
        break;
      case 'wait long':
        await site.pass(3_600_000 * (1 + (card % 9)));
        break;
    }
    await site.pass(5);
  }

  it('no two living clients have one address', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const site = await siteWith(3);
        for (const one of steps) {
          await take(site, one);
          const used = [...site.clients.values()].map(({ address }) => address);
          expect(new Set(used).size).toBe(used.length);
        }
      }),
      { numRuns: 60 },
    );
  });
});
