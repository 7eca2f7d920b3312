import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../base/sizes.ts';
import { applyPageBatch, loadChecksum, PageBatchError, PageBatchWriter } from './page-batch.ts';

const checksum = await loadChecksum();
const PAGES = 20_000;

/** What a batch writes: page → first byte of its contents, or 'zero'. */
function read(batch: Uint8Array, pages = PAGES): Map<number, number | 'zero'> {
  const written = new Map<number, number | 'zero'>();
  applyPageBatch(batch, pages, checksum, {
    writePage(page, contents) {
      expect(contents.byteLength).toBe(PAGE_SIZE);
      written.set(page, contents[0]);
    },
    writeZero: (page) => written.set(page, 'zero'),
  });
  return written;
}

function batchOf(pages: Map<number, number | 'zero'>, round = 1): Uint8Array<ArrayBuffer> {
  const writer = new PageBatchWriter(checksum);
  for (const [page, contents] of pages) {
    if (contents === 'zero') writer.addZero(page);
    else writer.addContents(page).fill(contents);
  }
  return writer.take(round);
}

describe('page batches', () => {
  it('carry any mixture of zero pages and contents', () => {
    const pages = fc.uniqueArray(fc.nat(8000), { maxLength: 200 }).map((numbers) => numbers.sort((a, b) => a - b));
    fc.assert(
      fc.property(pages, fc.infiniteStream(fc.option(fc.nat(255))), (numbers, contents) => {
        const expected = new Map<number, number | 'zero'>();
        for (const page of numbers) expected.set(page, contents.next().value ?? 'zero');
        expect(read(batchOf(expected))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('are full before they exceed 256 KiB', () => {
    const writer = new PageBatchWriter(checksum);
    let page = 0;
    for (; writer.hasRoomFor(page); page++) writer.addContents(page).fill(page);
    expect(page).toBeGreaterThan(60);
    expect(writer.take(1).byteLength).toBeLessThanOrEqual(2 ** 18);
    expect(writer.empty).toBe(true);
  });

  it('take one bit for a zero page', () => {
    const zeros = new Map(Array.from({ length: 8192 }, (_, page) => [page, 'zero' as const]));
    expect(batchOf(zeros).byteLength).toBe(32 + 8192 / 8);
  });

  it('name their round', () => {
    expect(applyPageBatch(batchOf(new Map([[7, 1]]), 12), PAGES, checksum, { writePage() {}, writeZero() {} })).toBe(
      12,
    );
  });

  it('are refused when any byte is damaged, and write nothing then', () => {
    const batch = batchOf(
      new Map<number, number | 'zero'>([
        [3, 9],
        [4, 'zero'],
        [5, 1],
      ]),
    );
    for (let at = 0; at < batch.length; at += at < 40 || at > 8200 ? 1 : 97) {
      const damaged = batch.slice();
      damaged[at] ^= 0x10;
      expect(() => read(damaged), `byte ${at}`).toThrow(PageBatchError);
    }
    for (const length of [0, 31, 32, 5000, batch.length - 1]) {
      expect(() => read(batch.slice(0, length))).toThrow(PageBatchError);
    }
  });

  it('are refused when they name a page that the VM does not have', () => {
    expect(() => read(batchOf(new Map([[99, 1]])), 99)).toThrow('beyond the VM’s memory');
    expect(() => read(batchOf(new Map([[99, 'zero' as const]])), 99)).toThrow('beyond the VM’s memory');
    expect(read(batchOf(new Map([[98, 1]])), 99).size).toBe(1);
  });

  it('take pages in ascending order only', () => {
    const writer = new PageBatchWriter(checksum);
    writer.addZero(4);
    expect(() => writer.addZero(4)).toThrow(RangeError);
  });
});
