import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deferred } from '../../base/deferred.ts';
import { SECTOR } from '../../pc/bus/block.ts';
import { BytesBackend } from './memory-backends.ts';
import { CLUSTER_BYTES, Overlay } from './overlay.ts';
import { OverlayBudget } from './overlay-budget.ts';

const atOnce = async () => {};
const MIB = 1024 * 1024;

function patterned(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
}

async function contents(overlay: Overlay): Promise<Uint8Array> {
  const bytes = new Uint8Array(overlay.size);
  await overlay.read(0, bytes);
  return bytes;
}

/** Compared much faster than by toEqual. */
function expectBytes(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length);
  expect(Buffer.compare(actual, expected)).toBe(0);
}

const clusters = (n: number) => n * CLUSTER_BYTES;

describe('an overlay', () => {
  it('is its base until something is written, and leaves the base as it is', async () => {
    const base = patterned(clusters(3));
    const before = base.slice();
    const overlay = new Overlay(new BytesBackend(base), new OverlayBudget());
    expectBytes(await contents(overlay), base);
    await overlay.write(clusters(1) + SECTOR, patterned(SECTOR), atOnce);
    const expected = before.slice();
    expected.set(patterned(SECTOR), clusters(1) + SECTOR);
    expectBytes(await contents(overlay), expected);
    expectBytes(base, before);
    expect(overlay.overlayBytes).toBe(CLUSTER_BYTES);
  });

  it('keeps two requests that write into the same cluster for the first time', async () => {
    const overlay = new Overlay(new BytesBackend(new Uint8Array(clusters(1))), new OverlayBudget());
    const [one, two] = [new Uint8Array(SECTOR).fill(1), new Uint8Array(SECTOR).fill(2)];
    await Promise.all([overlay.write(0, one, atOnce), overlay.write(SECTOR, two, atOnce)]);
    expect([...(await contents(overlay)).subarray(0, 2 * SECTOR)]).toEqual([...one, ...two]);
    expect(overlay.overlayBytes).toBe(CLUSTER_BYTES);
  });

  it('takes no memory for clusters of zeros, and gives back what was discarded', async () => {
    const budget = new OverlayBudget();
    const overlay = new Overlay(new BytesBackend(patterned(clusters(4))), budget);
    await overlay.write(0, new Uint8Array(clusters(1)), atOnce);
    await overlay.writeZeroes(clusters(1), clusters(1), atOnce);
    expect(overlay.overlayBytes).toBeLessThan(1000);
    await overlay.write(clusters(2), patterned(clusters(2)), atOnce);
    expect(budget.used).toBeGreaterThan(clusters(2));
    await overlay.discard(clusters(2), clusters(2), atOnce);
    expect(budget.used).toBeLessThan(1000);
    expect((await contents(overlay)).every((byte) => byte === 0)).toBe(true);
    await overlay.close();
    expect(budget.used).toBe(0);
  });

  it('waits for memory, says so, and goes on when there is some', async () => {
    const budget = new OverlayBudget(clusters(2) + 1000);
    const other = new Overlay(new BytesBackend(new Uint8Array(clusters(2))), budget);
    await other.write(0, patterned(clusters(2)), atOnce);
    const told: string[] = [];
    const overlay = new Overlay(new BytesBackend(new Uint8Array(clusters(1))), budget, (granted) => {
      told.push('full');
      void granted.then(() => told.push('granted'));
    });
    const write = overlay.write(0, patterned(SECTOR), atOnce).then(() => told.push('written'));
    await contents(overlay);
    expect(told).toEqual(['full']);
    await other.discard(0, clusters(1), atOnce);
    await write;
    expect(told).toEqual(['full', 'granted', 'written']);
    await expect(overlay.writeZeroes(SECTOR, SECTOR, atOnce)).resolves.toBeUndefined();
  });

  it('is as before when a write may not begin, and its memory is free', async () => {
    const budget = new OverlayBudget();
    const base = patterned(clusters(2));
    const overlay = new Overlay(new BytesBackend(base), budget);
    const gate = deferred<void>();
    const write = overlay.write(SECTOR, new Uint8Array(clusters(1)), () => gate.promise);
    gate.reject(new Error('dropped'));
    await expect(write).rejects.toThrow('dropped');
    expectBytes(await contents(overlay), base);
    expect(budget.used).toBe(0);
  });

  it('has a size that is not of whole sectors, with zeros behind it', async () => {
    const overlay = new Overlay(new BytesBackend(patterned(700)), new OverlayBudget());
    const bytes = new Uint8Array(1024).fill(9);
    await overlay.read(0, bytes);
    expect(bytes.subarray(0, 700)).toEqual(patterned(700));
    expect(bytes.subarray(700).every((byte) => byte === 0)).toBe(true);
    await overlay.write(512, patterned(512), atOnce);
    await overlay.read(0, bytes);
    expect(bytes.subarray(512)).toEqual(patterned(512));
  });
});

const SECTORS = (4 * CLUSTER_BYTES) / SECTOR - 5;
const operation = fc.record({
  kind: fc.constantFrom('write' as const, 'zeroes' as const, 'discard' as const),
  first: fc.integer({ min: 0, max: SECTORS - 1 }),
  count: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: SECTORS })),
  fill: fc.integer({ min: 0, max: 255 }),
});

it('is a plain array, but for what was discarded, whatever is written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
      const plain = patterned(SECTORS * SECTOR);
      const budget = new OverlayBudget(8 * MIB);
      const overlay = new Overlay(new BytesBackend(plain.slice()), budget);
      const discarded = new Uint8Array(SECTORS);
      for (const { kind, first, count, fill } of operations) {
        const sectors = Math.min(count, SECTORS - first);
        const [offset, length] = [first * SECTOR, sectors * SECTOR];
        discarded.fill(kind === 'discard' ? 1 : 0, first, first + sectors);
        if (kind === 'discard') await overlay.discard(offset, length, atOnce);
        else {
          plain.fill(kind === 'write' ? fill : 0, offset, offset + length);
          if (kind === 'write') await overlay.write(offset, plain.slice(offset, offset + length), atOnce);
          else await overlay.writeZeroes(offset, length, atOnce);
        }
      }
      const now = await contents(overlay);
      for (let sector = 0; sector < SECTORS; sector++) {
        const range = [sector * SECTOR, (sector + 1) * SECTOR] as const;
        if (!discarded[sector] && Buffer.compare(now.subarray(...range), plain.subarray(...range)) !== 0)
          expect(sector, 'a sector that differs').toBe(-1);
      }
      expect(budget.used).toBe(overlay.overlayBytes);
    }),
    { numRuns: 60 },
  );
}, 60_000);
