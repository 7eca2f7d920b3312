// What a driver may leave in its rings that keeps to nothing: chains in loops, indirect tables in each other, buffers that are nowhere or
// longer than memory, heads that there are not. Tests only.
import fc from 'fast-check';
import type { Descriptor, DriverQueue } from './driver-queue.ts';

export interface RingContents {
  descriptors: Descriptor[];
  heads: number[];
  /** How far the available index is from where it should be. */
  skipped: number;
}

/** `buffers`: where memory is that the descriptors often point to; `entries`: of the ring. */
export function randomRing(buffers: number, entries: number): fc.Arbitrary<RingContents> {
  const descriptor = fc.record({
    address: fc.oneof(
      fc.integer({ min: buffers, max: buffers + 0x3000 }),
      fc.nat(0xffffffff),
      fc.double({ min: 0, max: 2 ** 64, noNaN: true }),
    ),
    length: fc.oneof(fc.constantFrom(0, 1, 7, 8, 16, 64), fc.nat(0x2000), fc.nat(0xffffffff)),
    // Next, for the device to write, indirect.
    flags: fc.nat(7),
    next: fc.oneof(fc.nat(entries), fc.nat(0xffff)),
  });
  return fc.record({
    descriptors: fc.array(descriptor, { maxLength: entries }),
    heads: fc.array(fc.oneof(fc.nat(entries), fc.nat(0xffff)), { maxLength: entries }),
    skipped: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(0xffff)),
  });
}

export function fillRing(queue: DriverQueue, { descriptors, heads, skipped }: RingContents): void {
  for (const [n, descriptor] of descriptors.entries()) queue.describe(n, descriptor);
  for (const head of heads) queue.offer(head);
  queue.availableIndex = (queue.availableIndex + skipped) & 0xffff;
}
