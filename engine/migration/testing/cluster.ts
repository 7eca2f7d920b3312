// A cluster for tests: hosts with VMs in plain memory on a TestWire, and a register of where the VM runs, which notes every
// moment at which it ran in two places.

import { deferred } from '../../base/deferred.ts';
import { PAGE_SIZE } from '../../base/sizes.ts';
import type { Timebase } from '../../base/timebase.ts';
import { Subnet, type SubnetProblem } from '../../subnet/carrier/subnet.ts';
import { Link, type LinkSettings } from '../../subnet/link/link.ts';
import { Presence } from '../../subnet/presence/presence.ts';
import { StreamHub } from '../../subnet/streams/stream-hub.ts';
import { TestWire } from '../../subnet/testing/test-wire.ts';
import { TestWitness } from '../../subnet/testing/test-witness.ts';
import type { MigrationContext } from '../context.ts';
import { DEFAULT_LIMITS, type PrecopyLimits } from '../convergence.ts';
import { OutcomeRouter } from '../outcome-router.ts';
import { loadChecksum } from '../page-batch.ts';
import { countPages } from '../page-set.ts';
import type { GuestSpec, IncomingVm, MigratableVm, TargetHost } from '../ports.ts';
import { OutgoingMigration } from '../source.ts';
import type { MigrationStatistics } from '../statistics.ts';
import { MigrationTarget } from '../target.ts';

/** A round trip to the vCPU's doorbell. */
const SHOOTDOWN_MS = 0.3;
/** Between the vCPU's start and when its host knows. */
const ACTIVATION_MS = 0.5;

const checksum = await loadChecksum();
const ZERO_PAGE = new Uint8Array(PAGE_SIZE);

/** Which hosts run the VM. A frozen host counts: its VM runs on when it thaws. */
export class Whereabouts {
  readonly running = new Set<string>();
  /** Moments at which it ran in two places: there may be none. */
  readonly violations: string[] = [];
  readonly #wire: TestWire;

  constructor(wire: TestWire) {
    this.#wire = wire;
  }

  start(host: string): void {
    if (!this.#wire.isAlive(host)) return;
    for (const other of this.running) if (!this.#wire.isAlive(other)) this.running.delete(other);
    this.running.add(host);
    if (this.running.size > 1) this.violations.push([...this.running].join(' and '));
  }

  stop(host: string): void {
    this.running.delete(host);
  }

  /** The live hosts that run it. */
  get places(): string[] {
    return [...this.running].filter((host) => this.#wire.isAlive(host));
  }
}

/** A running VM whose guest is `write`, called by the test. */
export class TestVm implements MigratableVm {
  readonly spec: GuestSpec;
  readonly pages: number;
  readonly memory: Uint8Array;
  paused = false;
  released = false;
  logging = false;
  saved: unknown = { version: 1, eip: 0xc0100000 };
  /** The vCPU acknowledges no shootdown any more. */
  deaf = false;
  hasEnded = false;
  readonly #ended = deferred<string>();
  readonly #dirty: Uint32Array;
  readonly #host: string;
  readonly #where: Whereabouts;
  readonly #timebase: Timebase;

  constructor(host: string, where: Whereabouts, timebase: Timebase, pages: number) {
    this.#host = host;
    this.#timebase = timebase;
    this.#where = where;
    this.pages = pages;
    this.spec = { id: 'vm-1', name: 'web', memoryMiB: (pages * PAGE_SIZE) / 2 ** 20 };
    this.memory = new Uint8Array(pages * PAGE_SIZE);
    this.#dirty = new Uint32Array(Math.ceil(pages / 32));
    where.start(host);
  }

  write(address: number, value: number): void {
    if (this.paused) throw new Error('A paused VM does not write');
    this.memory[address] = value;
    const page = Math.floor(address / PAGE_SIZE);
    if (this.logging) this.#dirty[page >> 5] |= 1 << (page & 31);
  }

  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  /** The guest ends by itself. */
  end(reason: string): void {
    this.hasEnded = true;
    this.#where.stop(this.#host);
    this.#ended.resolve(reason);
  }

  async startDirtyLog(): Promise<void> {
    await this.#shootdown();
    this.logging = true;
  }
  async takeDirty(): Promise<Uint32Array> {
    await this.#shootdown();
    const taken = this.#dirty.slice();
    this.#dirty.fill(0);
    return taken;
  }
  async stopDirtyLog(): Promise<void> {
    this.logging = false;
  }
  countDirty(): number {
    return countPages(this.#dirty);
  }
  stateBytes(): number {
    return 1000;
  }
  bring(): undefined {}
  isZero(page: number): boolean {
    // A search that native code makes: the tests move pages by the hundred thousand.
    return !Buffer.compare(this.memory.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE), ZERO_PAGE);
  }
  readPage(page: number, into: Uint8Array): void {
    into.set(this.memory.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE));
  }
  async pause(): Promise<unknown> {
    await this.#shootdown();
    this.paused = true;
    this.#where.stop(this.#host);
    return this.saved;
  }
  async resume(): Promise<void> {
    if (this.released) throw new Error('A released VM was resumed');
    this.paused = false;
    if (!this.hasEnded) this.#where.start(this.#host);
  }
  async release(): Promise<void> {
    if (!this.paused) throw new Error('A running VM was released');
    this.released = true;
  }

  /** The guest runs and writes until the vCPU has acknowledged. */
  #shootdown(): Promise<void> {
    return new Promise((acknowledged) => {
      if (!this.deaf) this.#timebase.after(SHOOTDOWN_MS, acknowledged);
    });
  }
}

/** A VM that came in. */
export class TestIncoming implements IncomingVm {
  readonly pages: number;
  readonly memory: Uint8Array;
  saved: unknown;
  end: 'activated' | 'discarded' | undefined;
  readonly #host: TestTarget;

  constructor(host: TestTarget, pages: number) {
    this.#host = host;
    this.pages = pages;
    // Not zero: a zero page that was not written would show.
    this.memory = new Uint8Array(pages * PAGE_SIZE).fill(0xee);
  }

  writePage(page: number, contents: Uint8Array): void {
    this.memory.set(contents, page * PAGE_SIZE);
  }
  writeZero(page: number): void {
    this.memory.fill(0, page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
  }
  async prepare(saved: unknown): Promise<void> {
    if (this.#host.failPrepare) throw new Error(this.#host.failPrepare);
    this.saved = saved;
  }
  async activate(): Promise<void> {
    this.#finish('activated');
    if (this.#host.failActivate) {
      this.end = undefined;
      throw new Error(this.#host.failActivate);
    }
    this.#host.where.start(this.#host.id);
    await new Promise<void>((ran) => this.#host.timebase.after(ACTIVATION_MS, ran));
  }
  async discard(): Promise<void> {
    this.#finish('discarded');
  }

  #finish(end: 'activated' | 'discarded'): void {
    if (this.end) throw new Error(`An incoming VM was ${this.end} and then ${end}`);
    this.end = end;
  }
}

export class TestTarget implements TargetHost {
  readonly id: string;
  readonly where: Whereabouts;
  readonly timebase: Timebase;
  refusal: string | undefined;
  failPrepare: string | undefined;
  failActivate: string | undefined;
  /** It answers no offer. */
  deaf = false;
  incoming: TestIncoming | undefined;

  constructor(id: string, where: Whereabouts, timebase: Timebase) {
    this.id = id;
    this.where = where;
    this.timebase = timebase;
  }
  admission(): string | undefined {
    return this.refusal;
  }
  async reserve(spec: GuestSpec, _pages: number): Promise<IncomingVm> {
    if (this.deaf) await new Promise(() => {});
    this.incoming = new TestIncoming(this, (spec.memoryMiB * 2 ** 20) / PAGE_SIZE);
    return this.incoming;
  }
}

export interface TestHost {
  context: MigrationContext;
  outcomes: OutcomeRouter;
  target: TestTarget;
  problems: SubnetProblem[];
}

export interface ClusterOptions {
  pages: number;
  link?: LinkSettings;
  /** Hosts hold life locks that they all see, so that a death is certain; or each under locks of its own, as on two machines. */
  witnessed?: boolean | 'apart';
}

/** Hosts "a" and "b"; the VM runs on "a". */
export class TestCluster {
  readonly wire = new TestWire();
  readonly where = new Whereabouts(this.wire);
  readonly vm: TestVm;
  readonly hosts = new Map<string, TestHost>();
  readonly #options: ClusterOptions;
  readonly #locks = new TestWitness(this.wire);

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.vm = new TestVm('a', this.where, this.wire.timebaseOf('a'), options.pages);
  }

  static async start(options: ClusterOptions): Promise<TestCluster> {
    const cluster = new TestCluster(options);
    for (const id of ['a', 'b']) cluster.#addHost(id);
    await cluster.wire.time.until(() =>
      [...cluster.hosts.values()].every((h) => h.context.presence.nodes().length === 1),
    );
    return cluster;
  }

  get b(): TestHost {
    return this.hosts.get('b')!;
  }

  migration(
    onProgress?: (s: MigrationStatistics) => void,
    limits: Partial<PrecopyLimits> = {},
    ask?: boolean,
  ): OutgoingMigration {
    const { context, outcomes } = this.hosts.get('a')!;
    const all = { ...DEFAULT_LIMITS, ...limits };
    return new OutgoingMigration({ context, outcomes, vm: this.vm, targetHostId: 'b', onProgress, limits: all, ask });
  }

  /** Calls `write` every `ms` while the guest runs at the source. */
  guestWrites(ms: number, write: () => void): void {
    this.wire.time.after(ms, () => {
      if (this.vm.released) return;
      if (!this.vm.paused) write();
      this.guestWrites(ms, write);
    });
  }

  #addHost(id: string): void {
    const timebase = this.wire.timebaseOf(id);
    const problems: SubnetProblem[] = [];
    const subnet = new Subnet({ nodeId: id, openPort: this.wire.portsOf(id), onProblem: (p) => problems.push(p) });
    const settings = this.#options.link ?? { bandwidthMbits: 1000, latencyMs: 0 };
    const startedAt = timebase.now();
    const described = { ...settings, loss: 0, jitterMs: 0 };
    const host = { id, name: id, memoryMiB: 512, link: described, tabId: 'tab', startedAt };
    const { witnessed } = this.#options;
    const locks = witnessed === 'apart' ? new TestWitness(this.wire) : this.#locks;
    const witness = witnessed ? locks.of(id) : undefined;
    const presence = new Presence({ subnet, timebase, self: { id, startedAt, host }, witness });
    void presence.start();
    const streams = new StreamHub(subnet, timebase);
    const link = new Link(settings, timebase);
    const context = { subnet, presence, streams, link, timebase, checksum };
    const target = new TestTarget(id, this.where, timebase);
    new MigrationTarget(context, target);
    this.hosts.set(id, { context, outcomes: new OutcomeRouter(subnet), target, problems });
  }
}
