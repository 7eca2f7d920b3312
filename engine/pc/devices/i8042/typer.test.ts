import { beforeEach, expect, test } from 'vitest';
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
    inputChanged: () => reports?.push(made.typer.waiting),
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
  expect(controller.typer.type(typedText('aB@', 'de'))).toBe(true);
  expect(read(200)).toEqual([...[0x1e, 0x9e], ...[0x2a, 0x30, 0xb0, 0xaa], ...[0xe0, 0x38, 0x10, 0x90, 0xe0, 0xb8]]);
  expect(reports.at(-1)).toBe(0);
});

test('waits for a guest that reads nothing, and goes on when it does', () => {
  controller.typer.type(typedText('ab', 'us'));
  bench.advance(10_000 * MS);
  expect(bench.in(0x60)).toBe(0x1e);
  bench.advance(300 * MS);
  expect(controller.typer.waiting).toBe(1);
  expect(read(100)).toEqual([0x9e, 0x30, 0xb0]);
});

test('waits while the keyboard is switched off', () => {
  bench.out(0x60, 0xf5);
  read(10);
  controller.typer.type(typedText('a', 'us'));
  expect(read(100)).toEqual([]);
  bench.out(0x60, 0xf4);
  expect(read(100)).toEqual([0xfa, 0x1e, 0x9e]);
});

test('leaves time between two keys for a program that polls', () => {
  controller.typer.type(typedText('abcdefgh', 'us'));
  expect(read(41)).toHaveLength(9);
});

test('takes text as a whole or not at all', () => {
  const text = (length: number) => typedText('x'.repeat(length), 'us');
  expect(controller.typer.type(text(4000))).toBe(true);
  expect(controller.typer.type(text(97))).toBe(false);
  expect(controller.typer.type(text(96))).toBe(true);
  expect(controller.typer.waiting).toBe(4096);
});

test('stops without leaving a key pressed', () => {
  controller.typer.type(typedText('AAAA', 'us'));
  const before = read(8);
  controller.typer.stop();
  const bytes = [...before, ...read(500)];
  expect(bytes.filter((byte) => byte === 0x2a).length).toBe(bytes.filter((byte) => byte === 0xaa).length);
  expect(controller.typer.waiting).toBe(0);
  expect(bytes.length).toBeLessThan(8);
});

test('the saved form carries what is left to type', () => {
  controller.typer.type(typedText('Hello', 'us'));
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
