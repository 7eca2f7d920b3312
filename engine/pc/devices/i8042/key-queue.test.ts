import { beforeEach, describe, expect, test } from 'vitest';
import { typedText } from '../../input/typed-text.ts';
import { A20Gate } from '../../machine/a20.ts';
import { recordedLine, TestBench } from '../testing/test-bench.ts';
import { KeyboardController } from './i8042.ts';

const MS = 1e6;
let bench: TestBench;
let controller: KeyboardController;
let reports: number[];

beforeEach(() => {
  bench = new TestBench();
  controller = build(bench);
  reports = [];
});

function build(on: TestBench): KeyboardController {
  const made: KeyboardController = new KeyboardController({
    ...{ clock: on.clock, irq: recordedLine(), auxIrq: recordedLine(), a20: new A20Gate(() => {}), setUp: true },
    reset: () => {},
    inputChanged: () => reports?.push(made.keyQueue.typing),
  });
  made.attach(on.ports);
  made.reset();
  on.out(0x64, 0x60);
  on.out(0x60, 0x40);
  return made;
}

/** What a guest reads that polls for `ms`. */
function read(ms: number, on = bench): number[] {
  const bytes: number[] = [];
  for (let n = 0; n < ms; n++) {
    on.advance(MS);
    if (on.in(0x64) & 1) bytes.push(on.in(0x60));
  }
  return bytes;
}

test('types keys with their modifiers around them, one after the other', () => {
  expect(controller.keyQueue.type(typedText('aB@', 'de'))).toBe(true);
  expect(read(200)).toEqual([...[0x1e, 0x9e], ...[0x2a, 0x30, 0xb0, 0xaa], ...[0xe0, 0x38, 0x10, 0x90, 0xe0, 0xb8]]);
  expect(reports.at(-1)).toBe(0);
});

test('waits for a guest that reads nothing, and goes on when it does', () => {
  controller.keyQueue.type(typedText('ab', 'us'));
  bench.advance(10_000 * MS);
  expect(bench.in(0x60)).toBe(0x1e);
  bench.advance(300 * MS);
  expect(controller.keyQueue.typing).toBe(1);
  expect(read(100)).toEqual([0x9e, 0x30, 0xb0]);
});

test('waits while the keyboard is switched off', () => {
  bench.out(0x60, 0xf5);
  read(10);
  controller.keyQueue.type(typedText('a', 'us'));
  expect(read(100)).toEqual([]);
  bench.out(0x60, 0xf4);
  expect(read(100)).toEqual([0xfa, 0x1e, 0x9e]);
});

test('leaves time between two keys for a program that polls', () => {
  controller.keyQueue.type(typedText('abcdefgh', 'us'));
  expect(read(41)).toHaveLength(9);
});

test('takes text as a whole or not at all', () => {
  const text = (length: number) => typedText('x'.repeat(length), 'us');
  expect(controller.keyQueue.type(text(4000))).toBe(true);
  expect(controller.keyQueue.type(text(97))).toBe(false);
  expect(controller.keyQueue.type(text(96))).toBe(true);
  expect(controller.keyQueue.typing).toBe(4096);
});

test('stops without leaving a key pressed', () => {
  controller.keyQueue.type(typedText('AAAA', 'us'));
  const before = read(8);
  controller.keyQueue.stopTyping();
  const bytes = [...before, ...read(500)];
  expect(bytes.filter((byte) => byte === 0x2a).length).toBe(bytes.filter((byte) => byte === 0xaa).length);
  expect(controller.keyQueue.typing).toBe(0);
  expect(bytes.length).toBeLessThan(8);
});

test('the saved form carries what is left to type', () => {
  controller.keyQueue.type(typedText('Hello', 'us'));
  const before = read(17);
  const state = structuredClone(controller.save());
  const rest = read(400);
  const target = new TestBench();
  target.clock.restore({ ...bench.clock.save() });
  target.clock.resume();
  const copy = build(target);
  copy.restore(state);
  expect([...before, ...read(400, target)]).toEqual([...before, ...rest]);
  expect(before.length).toBeGreaterThan(0);
  expect(rest.length).toBeGreaterThan(5);
});

describe('single keys', () => {
  const press = (code: string) => controller.keyQueue.key(code, true);
  const release = (code: string) => controller.keyQueue.key(code, false);
  const tap = (code: string) => {
    press(code);
    release(code);
  };
  const LETTERS = [0x1e, 0x30, 0x2e, 0x20]; // A to D
  const tapped = (count: number) =>
    Array.from({ length: count }, (_, n) => LETTERS[n % 4]).flatMap((make) => [make, make | 0x80]);
  const tapMany = (count: number) => {
    for (let n = 0; n < count; n++) tap(`Key${'ABCD'[n % 4]}`);
  };

  test('come at once when nothing waits', () => {
    tap('KeyA');
    expect(read(3)).toEqual([0x1e, 0x9e]);
  });

  test('of a burst all come, in their order, however small the buffer of the keyboard is', () => {
    tapMany(100);
    expect(read(2000)).toEqual(tapped(100));
  });

  test('and text keep their order', () => {
    controller.keyQueue.type(typedText('ab', 'us'));
    press('ControlLeft');
    tap('KeyC');
    release('ControlLeft');
    controller.keyQueue.type(typedText('d', 'us'));
    expect(controller.keyQueue.typing).toBe(3);
    const all = [0x1e, 0x9e, 0x30, 0xb0, 0x1d, 0x2e, 0xae, 0x9d, 0x20, 0xa0];
    expect(read(200)).toEqual(all);
  });

  test('beyond the limit are lost whole: none stays pressed', () => {
    press('ShiftLeft');
    tapMany(2000);
    release('ShiftLeft');
    const bytes = read(20_000);
    expect(bytes.slice(0, 1001)).toEqual([0x2a, ...tapped(500)]);
    expect(bytes.at(-1)).toBe(0xaa);
    expect(bytes.length).toBeLessThanOrEqual(1024 + 16);
    for (const make of LETTERS) {
      const count = (code: number) => bytes.filter((byte) => byte === code).length;
      expect(count(make)).toBe(count(make | 0x80));
    }
    tap('KeyA');
    expect(read(10)).toEqual([0x1e, 0x9e]);
  });

  test('that wait stay when typing is stopped, and the user who is gone holds none', () => {
    controller.keyQueue.type(typedText('xxxx', 'us'));
    press('ShiftLeft');
    press('KeyA');
    controller.keyQueue.stopTyping();
    controller.keyQueue.releaseAll();
    expect(read(200)).toEqual([0x2a, 0x1e, 0x9e, 0xaa]);
  });

  test('are all released when the user is gone, modifiers last', () => {
    for (const code of ['ControlLeft', 'AltLeft', 'Delete']) press(code);
    read(20);
    controller.keyQueue.releaseAll();
    expect(read(20)).toEqual([0xe0, 0xd3, 0xb8, 0x9d]);
  });

  test('held are pressed again when the guest has forgotten them, and not otherwise', () => {
    press('KeyA');
    press('KeyA');
    expect(read(5)).toEqual([0x1e]);
    bench.out(0x60, 0xff);
    expect(read(10)).toEqual([0xfa, 0xaa]);
    press('KeyA');
    expect(read(5)).toEqual([0x1e]);
  });

  test('that wait are in the saved form, and those that are held', () => {
    press('ShiftLeft');
    tapMany(40);
    const before = read(50);
    const target = new TestBench();
    target.clock.restore(bench.clock.save());
    target.clock.resume();
    const copy = build(target);
    copy.restore(structuredClone(controller.save()));
    copy.keyQueue.releaseAll();
    expect([...before, ...read(1000, target)]).toEqual([0x2a, ...tapped(40), 0xaa]);
  });
});
