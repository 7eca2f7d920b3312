// The wire form of guest pages: batches of up to 256 KiB. Chromium's BroadcastChannel carries 45 MiB/s in messages of that size,
// 24 in those of 1 MiB, and the link's timers are too coarse for much smaller ones. A zero page is one bit; any other page is its number and its contents.
//
// All numbers little-endian; offsets in bytes:
//
//    0  u64  xxHash64 of everything that follows
//    8  u32  magic "TVPB"
//   12  u16  version
//   14  u16  zero
//   16  u32  round, from 1
//   20  u32  n: pages with contents
//   24  u32  first page that the zero bitmap covers
//   28  u32  z: pages that the zero bitmap covers, a multiple of 8
//   32       n × 4096 contents, then n × u32 page numbers, then z / 8 bitmap (bit p % 8 of byte p / 8 of the covered pages)
//
// A decoder checks the whole batch before it hands over the first page: a batch is applied entirely or not at all.

import xxhash from 'xxhash-wasm';
import { PAGE_SIZE } from '../base/sizes.ts';

const MAGIC = 0x42505654;
const VERSION = 1;
const HEADER_BYTES = 32;
const HASHED_FROM = 8;
/** So that a full batch stays under 256 KiB. */
const MAX_CONTENTS = 63;
/** The zero bitmap covers at most so many pages: 1 KiB. */
const MAX_ZERO_SPAN = 8192;

/** xxHash64 of some bytes. */
export type Checksum = (bytes: Uint8Array) => bigint;

export async function loadChecksum(): Promise<Checksum> {
  const { h64Raw } = await xxhash();
  return (bytes) => h64Raw(bytes);
}

export class PageBatchError extends Error {
  override name = 'PageBatchError';
}

/** Collects pages in ascending order into a batch; `take` returns it and starts the next. */
export class PageBatchWriter {
  readonly #checksum: Checksum;
  readonly #contents = new Uint8Array(MAX_CONTENTS * PAGE_SIZE);
  #numbers: number[] = [];
  #zeros: number[] = [];
  /** First page of the current batch: the base of its zero bitmap, rounded down. */
  #first = 0;
  #last = -1;

  constructor(checksum: Checksum) {
    this.#checksum = checksum;
  }

  get empty(): boolean {
    return this.#numbers.length === 0 && this.#zeros.length === 0;
  }

  get contentPages(): number {
    return this.#numbers.length;
  }

  get zeroPages(): number {
    return this.#zeros.length;
  }

  /** False when the batch must be taken before this page can go in. */
  hasRoomFor(page: number): boolean {
    if (this.empty) return true;
    return this.#numbers.length < MAX_CONTENTS && page - this.#first < MAX_ZERO_SPAN;
  }

  addZero(page: number): void {
    this.#advance(page);
    this.#zeros.push(page);
  }

  /** Returns where the page's PAGE_SIZE go. */
  addContents(page: number): Uint8Array {
    this.#advance(page);
    const offset = this.#numbers.length * PAGE_SIZE;
    this.#numbers.push(page);
    return this.#contents.subarray(offset, offset + PAGE_SIZE);
  }

  take(round: number): Uint8Array<ArrayBuffer> {
    const zeroSpan = this.#zeros.length === 0 ? 0 : (this.#zeros[this.#zeros.length - 1] - this.#first + 8) & ~7;
    const numbersAt = HEADER_BYTES + this.#numbers.length * PAGE_SIZE;
    const bitmapAt = numbersAt + this.#numbers.length * 4;
    const batch = new Uint8Array(bitmapAt + zeroSpan / 8);
    const view = new DataView(batch.buffer);
    view.setUint32(8, MAGIC, true);
    view.setUint16(12, VERSION, true);
    view.setUint32(16, round, true);
    view.setUint32(20, this.#numbers.length, true);
    view.setUint32(24, this.#first, true);
    view.setUint32(28, zeroSpan, true);
    batch.set(this.#contents.subarray(0, this.#numbers.length * PAGE_SIZE), HEADER_BYTES);
    for (const [i, page] of this.#numbers.entries()) view.setUint32(numbersAt + i * 4, page, true);
    for (const page of this.#zeros) {
      const bit = page - this.#first;
      batch[bitmapAt + (bit >> 3)] |= 1 << (bit & 7);
    }
    view.setBigUint64(0, this.#checksum(batch.subarray(HASHED_FROM)), true);
    this.#numbers = [];
    this.#zeros = [];
    this.#last = -1;
    return batch;
  }

  #advance(page: number): void {
    if (page <= this.#last) throw new RangeError('Pages go into a batch in ascending order');
    if (!this.hasRoomFor(page)) throw new RangeError('The batch is full');
    if (this.empty) this.#first = page;
    this.#last = page;
  }
}

export interface PageSink {
  writePage(page: number, contents: Uint8Array): void;
  writeZero(page: number): void;
}

/**
 * Writes a batch's pages into `sink`.
 * @param pages pages of the VM: every number in the batch must be below.
 * @returns the round that the batch belongs to.
 * @throws PageBatchError if it is not a batch, or damaged; nothing is written then.
 */
export function applyPageBatch(batch: Uint8Array, pages: number, checksum: Checksum, sink: PageSink): number {
  if (batch.byteLength < HEADER_BYTES) throw new PageBatchError('A page batch is too short.');
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  if (view.getUint32(8, true) !== MAGIC) throw new PageBatchError('A message is not a page batch.');
  const version = view.getUint16(12, true);
  if (version !== VERSION) throw new PageBatchError(`A page batch has version ${version} instead of ${VERSION}.`);
  if (view.getBigUint64(0, true) !== checksum(batch.subarray(HASHED_FROM))) {
    throw new PageBatchError('A page batch was damaged on the way: its checksum is wrong.');
  }
  const contentPages = view.getUint32(20, true);
  const first = view.getUint32(24, true);
  const zeroSpan = view.getUint32(28, true);
  const numbersAt = HEADER_BYTES + contentPages * PAGE_SIZE;
  const bitmapAt = numbersAt + contentPages * 4;
  if (zeroSpan % 8 !== 0 || batch.byteLength !== bitmapAt + zeroSpan / 8) {
    throw new PageBatchError('A page batch has the wrong length.');
  }
  const numbers = Array.from({ length: contentPages }, (_, i) => view.getUint32(numbersAt + i * 4, true));
  const zeros: number[] = [];
  for (let bit = 0; bit < zeroSpan; bit++) {
    if (batch[bitmapAt + (bit >> 3)] & (1 << (bit & 7))) zeros.push(first + bit);
  }
  if (numbers.some((page) => page >= pages) || zeros.some((page) => page >= pages)) {
    throw new PageBatchError('A page batch names a page beyond the VM’s memory.');
  }
  for (const [i, page] of numbers.entries()) {
    sink.writePage(page, batch.subarray(HEADER_BYTES + i * PAGE_SIZE, HEADER_BYTES + (i + 1) * PAGE_SIZE));
  }
  for (const page of zeros) sink.writeZero(page);
  return view.getUint32(16, true);
}
