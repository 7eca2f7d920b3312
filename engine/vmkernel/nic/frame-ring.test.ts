import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameRing } from './frame-ring.ts';

const CAPACITY = 256;

function ring(): { producer: FrameRing; consumer: FrameRing } {
  const buffer = new SharedArrayBuffer(8 + FrameRing.bytesFor(CAPACITY));
  return { producer: new FrameRing(buffer, 8, CAPACITY), consumer: new FrameRing(buffer, 8, CAPACITY) };
}

function take(consumer: FrameRing): number[] | undefined {
  const frame = consumer.peek();
  if (frame === undefined) return undefined;
  const bytes = [...frame];
  consumer.advance();
  return bytes;
}

test('gives back what was put in, in order, as long as there is room', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.uint8Array({ maxLength: 120 })), { maxLength: 100 }), (actions) => {
      const { producer, consumer } = ring();
      const expected: number[][] = [];
      for (const frame of actions) {
        if (frame === null) expect(take(consumer)).toEqual(expected.shift());
        else {
          const room = producer.hasRoom(frame.length);
          expect(producer.push(frame)).toBe(room);
          if (room) expected.push([...frame]);
          else expect(expected.length).toBeGreaterThan(0);
        }
        expect(consumer.empty).toBe(expected.length === 0);
      }
      while (expected.length > 0) expect(take(consumer)).toEqual(expected.shift());
      expect(take(consumer)).toBeUndefined();
    }),
  );
});

test('a frame looked at twice is the same frame', () => {
  const { producer, consumer } = ring();
  producer.push(Uint8Array.of(1, 2, 3));
  expect([...consumer.peek()!]).toEqual([1, 2, 3]);
  expect([...consumer.peek()!]).toEqual([1, 2, 3]);
  consumer.advance();
  expect(consumer.peek()).toBeUndefined();
});

test('goes on when the positions pass 2^32', () => {
  const buffer = new SharedArrayBuffer(FrameRing.bytesFor(CAPACITY));
  new Int32Array(buffer, 0, 2).fill(-64);
  const [producer, consumer] = [new FrameRing(buffer, 0, CAPACITY), new FrameRing(buffer, 0, CAPACITY)];
  for (let i = 0; i < 40; i++) {
    expect(producer.push(Uint8Array.from({ length: 50 }, () => i))).toBe(true);
    expect(take(consumer)).toEqual(Array(50).fill(i));
  }
});
