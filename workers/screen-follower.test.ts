import { deflateSync } from 'fflate';
import { beforeEach, describe, expect, test } from 'vitest';
import { PAGE_SIZE } from '../engine/base/sizes.ts';
import { settled } from '../engine/base/testing/virtual-time.ts';
import type { ScreenChunk } from '../engine/host/api.ts';
import type { DisplayState } from '../engine/pc/bus/display.ts';
import { NO_BLINK } from '../engine/pc/display/blink.ts';
import { ScreenFollower, stillPicture } from './screen-follower.ts';

const OPAQUE = 0xff000000;

/** 32 × 64 pixels of 32 bits: two pages, of 32 lines each. */
function stateOf(changes: number): DisplayState {
  const shape = { kind: 'linear', width: 32, height: 64, scaleX: 1, scaleY: 1 } as const;
  return {
    changes,
    memory: { firstPage: 100, pages: 4 },
    picture: { ...shape, bitsPerPixel: 32, start: 0, pitch: 128, palette: new Uint32Array(0) },
  };
}

function chunk(pages: Record<number, number>, rest: Partial<ScreenChunk> = {}): ScreenChunk {
  const numbers = Object.keys(pages).map(Number);
  const bytes = new Uint8Array(numbers.length * PAGE_SIZE);
  for (const [n, page] of numbers.entries()) bytes.fill(pages[page]!, n * PAGE_SIZE, (n + 1) * PAGE_SIZE);
  return { pages: Uint32Array.from(numbers), bytes, more: false, ...rest };
}

class Lab {
  /** Answers to come; when they are used up there is nothing new. An Error is a refusal. */
  answers: (ScreenChunk | Error)[] = [];
  asked: boolean[] = [];
  drawn = 0;
  frames: (() => void)[] = [];
  holdsFrames = false;
  delays: number[] = [];
  readonly follower = new ScreenFollower(
    async (fresh) => {
      this.asked.push(fresh);
      const answer = this.answers.shift() ?? chunk({});
      if (answer instanceof Error) throw answer;
      return answer;
    },
    () => this.drawn++,
    {
      frame: () => (this.holdsFrames ? new Promise((resolve) => this.frames.push(resolve)) : Promise.resolve()),
      delay: async (ms) => void this.delays.push(ms),
    },
  );

  async gets(...answers: (ScreenChunk | Error)[]): Promise<void> {
    this.answers.push(...answers);
    this.follower.pull();
    await settled();
  }
}

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});

const first = () => chunk({ 0: 1, 1: 2 }, { state: stateOf(1) });

test('draws what it reads, and then only the lines that have changed, in each view for itself', async () => {
  const [one, two] = [lab.follower.open(), lab.follower.open()];
  await lab.gets(first());
  expect(one.render(NO_BLINK)).toEqual([{ first: 0, count: 64 }]);
  expect([one.target.pixels[0], one.target.pixels[63 * 32]]).toEqual([
    (OPAQUE | 0x010101) >>> 0,
    (OPAQUE | 0x020202) >>> 0,
  ]);
  await lab.gets(chunk({ 1: 9 }));
  expect(one.render(NO_BLINK)).toEqual([{ first: 32, count: 32 }]);
  expect(one.render(NO_BLINK)).toEqual([]);
  expect(two.render(NO_BLINK)).toEqual([{ first: 0, count: 64 }]);
  expect(two.target.pixels[63 * 32]).toBe((OPAQUE | 0x090909) >>> 0);
});

test('reads on while there is more, and tells of a picture only when there is something to draw', async () => {
  await lab.gets(chunk({ 0: 1 }, { state: stateOf(1), more: true }), chunk({ 1: 2 }));
  expect([lab.asked, lab.drawn]).toEqual([[true, false], 2]);
  await lab.gets(chunk({}));
  expect(lab.drawn).toBe(2);
});

test('compressed pages are the same', async () => {
  const { bytes, ...rest } = first();
  await lab.gets({ ...rest, bytes: deflateSync(bytes) as Uint8Array<ArrayBuffer>, compressed: true });
  expect(stillPicture(lab.follower)!.pixels[0]).toBe((OPAQUE | 0x010101) >>> 0);
});

test('asks once a frame, however often it is told', async () => {
  lab.holdsFrames = true;
  for (let n = 0; n < 5; n++) lab.follower.pull();
  await settled();
  expect(lab.asked).toHaveLength(0);
  lab.frames.shift()!();
  await settled();
  expect([lab.asked.length, lab.frames.length]).toEqual([1, 0]);
});

test('begins anew at the next host, and keeps the picture until it has another', async () => {
  await lab.gets(first());
  lab.answers.push(chunk({ 0: 5, 1: 5 }, { state: stateOf(1) }));
  lab.follower.moved();
  expect(lab.follower.state?.changes).toBe(1);
  await settled();
  expect(lab.asked).toEqual([true, true]);
  expect(stillPicture(lab.follower)!.pixels[0]).toBe((OPAQUE | 0x050505) >>> 0);
});

test('after a rest it reads from the beginning, and keeps the picture until then', async () => {
  await lab.gets(first());
  lab.follower.rested();
  expect(stillPicture(lab.follower)!.pixels[0]).toBe((OPAQUE | 0x010101) >>> 0);
  await lab.gets(first());
  expect(lab.asked).toEqual([true, true]);
});

describe('what goes wrong', () => {
  test('a host that does not answer is asked again, less and less often, and from the beginning', async () => {
    await lab.gets(first());
    await lab.gets(...Array.from({ length: 3 }, () => new Error('not here')), first());
    expect(lab.delays).toEqual([100, 200, 400]);
    expect(lab.asked).toEqual([true, false, true, true, true]);
  });

  test('a VM that is off has no picture, and what was read is no more', async () => {
    await lab.gets(first());
    await lab.gets(chunk({}, { off: true }));
    expect([lab.follower.state, lab.drawn, stillPicture(lab.follower)]).toEqual([undefined, 2, undefined]);
    await lab.gets(first());
    expect(lab.asked).toEqual([true, false, true]);
  });

  test('what cannot be unpacked is asked for again', async () => {
    await lab.gets({ ...first(), bytes: Uint8Array.of(7, 7, 7), compressed: true }, first());
    expect([lab.asked, lab.delays]).toEqual([[true, true], [100]]);
  });

  test('pages that there are not are left out', async () => {
    await lab.gets(chunk({ 0: 1, 1: 2, 9: 3, 400000: 1 }, { state: stateOf(1) }));
    await lab.gets({ ...chunk({}), pages: Uint32Array.of(1), bytes: new Uint8Array(7) });
    await lab.gets(chunk(Object.fromEntries(Array.from({ length: 8 }, (_, n) => [n + 1, 4]))));
    const { pixels } = stillPicture(lab.follower)!;
    expect([pixels[0], pixels[63 * 32]]).toEqual([(OPAQUE | 0x010101) >>> 0, (OPAQUE | 0x040404) >>> 0]);
  });
});
