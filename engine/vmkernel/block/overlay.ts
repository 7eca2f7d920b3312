// What a guest has written to a medium that is not to be modified: clusters in memory over a base that is only read. A cluster is
// the base's, written, or all zeros, which takes no memory: one that was discarded, or written with zeros throughout.
//
// A write is done in one step. Everything that takes time comes before: memory is reserved, the rest of clusters that are written
// in part is read from the base. The base never changes, and requests that overlap come one after another, so what was read
// holds still.

import { type Begin, type BlockBackend, MediumError } from './block-backend.ts';
import type { OverlayBudget } from './overlay-budget.ts';

export const CLUSTER_BYTES = 64 * 1024;
/** What the entry of a cluster of zeros takes, about. */
const ZEROS_BYTES = 64;
const ZEROS = null;

interface Span {
  cluster: number;
  /** Where it begins in the cluster, and in the request. */
  within: number;
  at: number;
  length: number;
}

export class Overlay implements BlockBackend {
  readonly readOnly = false;
  readonly #base: BlockBackend;
  readonly #budget: OverlayBudget;
  readonly #onFull: (granted: Promise<void>) => void;
  readonly #clusters = new Map<number, Uint8Array | typeof ZEROS>();
  #bytes = 0;

  /** `onFull`: a write waits for memory, until `granted` resolves. */
  constructor(base: BlockBackend, budget: OverlayBudget, onFull: (granted: Promise<void>) => void = () => {}) {
    this.#base = base;
    this.#budget = budget;
    this.#onFull = onFull;
  }

  get size(): number {
    return this.#base.size;
  }

  get overlayBytes(): number {
    return this.#bytes;
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    const fromBase: Promise<void>[] = [];
    let start: number | undefined;
    const readBase = (end: number) => {
      if (start !== undefined) fromBase.push(this.#base.read(offset + start, into.subarray(start, end)));
      start = undefined;
    };
    for (const { cluster, within, at, length } of spans(offset, into.length)) {
      const written = this.#clusters.get(cluster);
      if (written === undefined) {
        start ??= at;
        continue;
      }
      readBase(at);
      if (written === ZEROS) into.fill(0, at, at + length);
      else into.set(written.subarray(within, within + length), at);
    }
    readBase(into.length);
    await Promise.all(fromBase);
  }

  async write(offset: number, bytes: Uint8Array, begin: Begin): Promise<void> {
    await this.#change(offset, bytes.length, begin, bytes);
  }

  async writeZeroes(offset: number, length: number, begin: Begin): Promise<void> {
    await this.#change(offset, length, begin, ZEROS);
  }

  async discard(offset: number, length: number, begin: Begin): Promise<void> {
    await begin();
    for (const span of spans(offset, length)) {
      if (span.length < CLUSTER_BYTES || this.#clusters.get(span.cluster) === ZEROS) continue;
      // Without memory for the entry the contents are kept, which is allowed.
      if (!this.#clusters.has(span.cluster) && !this.#budget.tryReserve(ZEROS_BYTES)) return;
      if (this.#clusters.has(span.cluster)) this.#budget.release(CLUSTER_BYTES - ZEROS_BYTES);
      this.#put(span.cluster, ZEROS);
    }
  }

  /** It is memory. */
  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#clusters.clear();
    this.#budget.release(this.#bytes);
    this.#bytes = 0;
    await this.#base.close();
  }

  async #change(offset: number, length: number, begin: Begin, source: Uint8Array | typeof ZEROS): Promise<void> {
    const all = [...spans(offset, length)];
    const reserved = all.reduce((sum, span) => sum + this.#mostFor(span, source), 0);
    if (reserved > this.#budget.limit) throw new MediumError('failed', 'there is no memory for so large a write');
    if (!this.#budget.tryReserve(reserved)) {
      const granted = this.#budget.reserve(reserved);
      this.#onFull(granted);
      await granted;
    }
    let grown = 0;
    try {
      const bases = await this.#readBases(all);
      await begin();
      const before = this.#bytes;
      for (const span of all) {
        const bytes = source === ZEROS ? ZEROS : source.subarray(span.at, span.at + span.length);
        this.#apply(span, bytes, bases.get(span.cluster));
      }
      grown = this.#bytes - before;
    } finally {
      this.#budget.release(reserved - grown);
    }
  }

  /** By how much the change of a span can make the overlay larger. */
  #mostFor({ cluster, length }: Span, source: Uint8Array | typeof ZEROS): number {
    const written = this.#clusters.get(cluster);
    if (written instanceof Uint8Array) return 0;
    const zeros = length === CLUSTER_BYTES && source === ZEROS;
    return (zeros ? ZEROS_BYTES : CLUSTER_BYTES) - (written === ZEROS ? ZEROS_BYTES : 0);
  }

  /** What clusters hold that are written in part and for the first time. */
  async #readBases(all: readonly Span[]): Promise<Map<number, Uint8Array>> {
    const partial = all.filter(({ cluster, length }) => length < CLUSTER_BYTES && !this.#clusters.has(cluster));
    const read = partial.map(async ({ cluster }): Promise<[number, Uint8Array]> => {
      const bytes = new Uint8Array(CLUSTER_BYTES);
      const there = this.#base.size - cluster * CLUSTER_BYTES;
      await this.#base.read(cluster * CLUSTER_BYTES, bytes.subarray(0, there));
      return [cluster, bytes];
    });
    return new Map(await Promise.all(read));
  }

  #apply({ cluster, within, length }: Span, bytes: Uint8Array | typeof ZEROS, base: Uint8Array | undefined): void {
    const written = this.#clusters.get(cluster);
    const whole = length === CLUSTER_BYTES;
    if (whole && (bytes === ZEROS || isZero(bytes))) {
      this.#put(cluster, ZEROS);
      return;
    }
    if (written === ZEROS && bytes === ZEROS) return;
    // Another request may have written the cluster while this one read its base.
    const target = written ?? base ?? new Uint8Array(CLUSTER_BYTES);
    if (bytes === ZEROS) target.fill(0, within, within + length);
    else target.set(bytes, within);
    this.#put(cluster, target);
  }

  /** The budget is the caller's business. */
  #put(cluster: number, contents: Uint8Array | typeof ZEROS): void {
    const size = (entry: Uint8Array | typeof ZEROS | undefined) =>
      entry === undefined ? 0 : entry === ZEROS ? ZEROS_BYTES : CLUSTER_BYTES;
    this.#bytes += size(contents) - size(this.#clusters.get(cluster));
    this.#clusters.set(cluster, contents);
  }
}

function* spans(offset: number, length: number): Generator<Span> {
  for (let at = 0; at < length; ) {
    const cluster = Math.floor((offset + at) / CLUSTER_BYTES);
    const within = offset + at - cluster * CLUSTER_BYTES;
    const size = Math.min(CLUSTER_BYTES - within, length - at);
    yield { cluster, within, at, length: size };
    at += size;
  }
}

function isZero(bytes: Uint8Array): boolean {
  if (bytes.byteOffset % 4 || bytes.length % 4) return bytes.every((byte) => byte === 0);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4).every((word) => word === 0);
}
