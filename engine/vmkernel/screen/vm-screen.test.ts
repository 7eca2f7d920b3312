import { beforeEach, describe, expect, test } from 'vitest';
import { PAGE_SIZE } from '../../base/sizes.ts';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import type { DisplayState } from '../../pc/bus/display.ts';
import { DirtyBitmap, DirtyLog } from '../memory/dirty-log.ts';
import { GuestMemory } from '../memory/guest-memory.ts';
import { P2m } from '../memory/p2m.ts';
import { VmScreen } from './vm-screen.ts';

/** Pages of the VM; the video memory lies behind its RAM. */
const RAM = 5;
const VRAM = 70;
const PAGES = RAM + VRAM;
const [P2M, LOG, MACHINE] = [0x1000, 0x2000, 0x4000];
/** 64 × 256 pixels of 32 bits: 16 pages. */
const SHOWN = 16;

/** A VM with a screen, in virtual time; a test writes as the vCPU does. */
class Lab {
  readonly time = new VirtualTime();
  readonly memory = new WebAssembly.Memory({ initial: 8, maximum: 8, shared: true });
  readonly guest: GuestMemory;
  state: DisplayState = {
    changes: 1,
    memory: { firstPage: RAM, pages: VRAM },
    picture: { ...{ kind: 'linear', width: 64, height: 256, scaleX: 1, scaleY: 1 }, ...linear(0) },
  };
  news = 0;
  shootdowns = 0;
  statesAsked = 0;
  /** Done by the guest while a shootdown is under way: through a write tag that it still has. */
  meanwhile = () => {};
  hasScreen = true;
  readonly screen: VmScreen;

  constructor() {
    const p2m = new P2m(this.memory, P2M, PAGES);
    for (let page = 0; page < PAGES; page++) p2m.give(page, MACHINE + page * PAGE_SIZE);
    this.guest = new GuestMemory(this.memory, p2m, new DirtyLog(new DirtyBitmap(this.memory, LOG, PAGES), PAGES), RAM);
    this.screen = new VmScreen({
      memory: this.guest,
      timebase: this.time,
      displayState: async () => {
        this.statesAsked++;
        return this.hasScreen ? structuredClone(this.state) : undefined;
      },
      shootdown: async () => {
        this.shootdowns++;
        // Long enough for another reader's call.
        for (let turn = 0; turn < 20; turn++) await undefined;
        this.meanwhile();
      },
      onNews: () => this.news++,
    });
  }

  /** With a write tag: what the log does not see. */
  poke(page: number, value: number): void {
    new Uint8Array(this.memory.buffer)[MACHINE + (RAM + page) * PAGE_SIZE] = value;
  }

  write(page: number, value: number): void {
    this.poke(page, value);
    this.guest.log.mark(RAM + page);
  }

  change(picture: Partial<DisplayState['picture']>): void {
    this.state = {
      ...this.state,
      changes: this.state.changes + 1,
      picture: { ...this.state.picture, ...picture } as never,
    };
    this.screen.stateChanged();
  }
}

function linear(start: number) {
  return { bitsPerPixel: 32, start, pitch: 256, palette: new Uint32Array(0) } as const;
}

let lab: Lab;
const me = {};
beforeEach(() => {
  lab = new Lab();
});

/** What a reader has: reads until there is nothing more. */
class Copy {
  readonly pages = new Map<number, number>();
  state: DisplayState | undefined;
  reads = 0;

  async read(limit?: number, fresh = false): Promise<number[]> {
    const got: number[] = [];
    for (let more = true; more; fresh = false) {
      const update = (await lab.screen.read(this, fresh, limit))!;
      this.reads++;
      this.state = update.state ?? this.state;
      for (const [n, page] of update.pages.entries()) {
        this.pages.set(page, update.bytes[n * PAGE_SIZE]!);
        got.push(page);
      }
      more = update.more;
    }
    return got;
  }
}

describe('a reader', () => {
  test('is given the state and all that the picture shows, then what has changed and nothing else', async () => {
    const copy = new Copy();
    lab.write(3, 33);
    expect(await copy.read()).toEqual(Array.from({ length: SHOWN }, (_, page) => page));
    expect([copy.state?.changes, copy.pages.get(3)]).toEqual([1, 33]);
    lab.write(7, 77);
    lab.write(50, 1);
    expect(await copy.read()).toEqual([7]);
    expect(copy.pages.get(7)).toBe(77);
    expect(await copy.read()).toEqual([]);
    expect(lab.statesAsked).toBe(1);
  });

  test('is given its pages in memory of its own, in which the next come too', async () => {
    const [one, other] = [{}, {}];
    const first = (await lab.screen.read(one, true))!;
    expect((await lab.screen.read(other, true))!.bytes.buffer).not.toBe(first.bytes.buffer);
    lab.write(3, 33);
    const second = (await lab.screen.read(one, false))!;
    expect(second.bytes.buffer).toBe(first.bytes.buffer);
    expect([second.bytes.length, second.bytes[0]]).toEqual([PAGE_SIZE, 33]);
  });

  test('misses nothing that the guest writes with a tag from before anybody looked', async () => {
    const copy = new Copy();
    lab.meanwhile = () => lab.poke(3, 33);
    await copy.read();
    expect(copy.pages.get(3)).toBe(33);
    // Once nobody looks any more the guest gets its tags back.
    lab.screen.forget(copy);
    lab.meanwhile = () => lab.poke(3, 34);
    await copy.read(undefined, true);
    expect(copy.pages.get(3)).toBe(34);
  });

  test('misses nothing although another begins at the same time', async () => {
    const [one, other] = [new Copy(), new Copy()];
    lab.meanwhile = () => lab.poke(3, 33);
    await Promise.all([one.read(), other.read()]);
    expect([one.pages.get(3), other.pages.get(3)]).toEqual([33, 33]);
  });

  test('is given what comes into the picture when that moves', async () => {
    const copy = new Copy();
    await copy.read();
    lab.write(20, 5);
    lab.change(linear(16 * PAGE_SIZE));
    expect(await copy.read()).toEqual(Array.from({ length: SHOWN }, (_, page) => 16 + page));
    expect([copy.state?.changes, copy.pages.get(20)]).toEqual([2, 5]);
  });

  test('may be given it in parts', async () => {
    const copy = new Copy();
    await copy.read(3 * PAGE_SIZE);
    expect([copy.pages.size, copy.reads]).toEqual([SHOWN, 6]);
  });

  test('that begins anew is given everything', async () => {
    const copy = new Copy();
    await copy.read();
    expect(await copy.read(undefined, true)).toHaveLength(SHOWN);
    expect(copy.state?.changes).toBe(1);
  });

  test('is notified once there is something, and again only after it has read', async () => {
    const copy = new Copy();
    await copy.read();
    await lab.time.pass(3000);
    expect(lab.news).toBe(0);
    lab.write(1, 1);
    await lab.time.pass(100);
    lab.write(2, 2);
    await lab.time.pass(1000);
    expect(lab.news).toBe(1);
    await copy.read();
    lab.change({ height: 200 });
    expect(lab.news).toBe(2);
  });

  test('of a screen that does not change costs no shootdown', async () => {
    const copy = new Copy();
    await copy.read();
    lab.shootdowns = 0;
    await lab.time.pass(60_000);
    expect([lab.shootdowns, lab.statesAsked]).toEqual([0, 1]);
  });

  test('that does not come back costs nothing', async () => {
    const copy = new Copy();
    await copy.read();
    lab.write(1, 1);
    await lab.time.pass(100);
    for (let n = 0; n < 100; n++) {
      lab.write(n % SHOWN, n);
      lab.change({});
      await lab.time.pass(100);
    }
    expect([lab.news, lab.statesAsked]).toEqual([1, 1]);
  });
});

test('two readers each get everything, however slow one is', async () => {
  const [quick, slow] = [new Copy(), new Copy()];
  await quick.read();
  await slow.read();
  for (let n = 0; n < 10; n++) {
    lab.write(n, n + 1);
    await quick.read();
  }
  expect(await slow.read()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect([...slow.pages]).toEqual([...quick.pages]);
});

test('what the guest writes by a tag that is being withdrawn is not lost', async () => {
  const copy = new Copy();
  await copy.read();
  for (let n = 1; n < 50; n++) {
    lab.write(4, n);
    lab.meanwhile = () => lab.poke(4, 100 + n);
    // Another reader in between.
    await Promise.all([lab.screen.read(me, false), copy.read()]);
    await copy.read();
    expect(copy.pages.get(4)).toBe(100 + n);
  }
});

test('a reader that leaves while it reads costs nothing afterwards', async () => {
  const copy = new Copy();
  const reading = lab.screen.read(copy, true);
  lab.screen.forget(copy);
  expect((await reading)!.pages).toHaveLength(0);
  lab.write(1, 1);
  await lab.time.pass(1000);
  expect(lab.news).toBe(0);
});

test('readers that leave while they read are each given buffers that may be transferred', async () => {
  for (const reader of [{}, {}]) {
    const reading = lab.screen.read(reader, true);
    lab.screen.forget(reader);
    const { bytes } = (await reading)!;
    structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] });
  }
});

test('a reader that leaves takes nothing from one that begins to read', async () => {
  const [one, other] = [new Copy(), new Copy()];
  await one.read();
  const reading = other.read();
  lab.screen.forget(one);
  await reading;
  lab.write(1, 11);
  await lab.time.pass(1000);
  expect(lab.news).toBe(1);
  await other.read();
  expect(other.pages.get(1)).toBe(11);
});

test('a screen that is long still is looked at seldom, but soon after input', async () => {
  const copy = new Copy();
  await copy.read();
  await lab.time.pass(10_000);
  lab.write(1, 1);
  await lab.time.pass(1000);
  expect(lab.news).toBe(1);
  await copy.read();
  await lab.time.pass(10_000);
  lab.screen.stirred();
  lab.write(2, 2);
  await lab.time.pass(20);
  expect(lab.news).toBe(2);
});

test('a reader that has left holds no log open', async () => {
  const copy = new Copy();
  await copy.read();
  lab.screen.forget(copy);
  lab.write(1, 1);
  await lab.time.pass(1000);
  expect(lab.news).toBe(0);
  await copy.read();
  expect(copy.pages.get(1)).toBe(1);
});

test('a machine without a screen says so, and one that goes off notifies who waits', async () => {
  lab.hasScreen = false;
  expect(await lab.screen.read(me, true)).toBeUndefined();
  lab.hasScreen = true;
  lab.screen.stateChanged();
  await new Copy().read();
  lab.screen.close();
  expect(lab.news).toBe(1);
  expect(await lab.screen.read(me, false)).toBeUndefined();
});
