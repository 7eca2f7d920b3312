import { beforeEach, describe, expect, test } from 'vitest';
import { keyOf } from '../../input/key-table.ts';
import { A20Gate } from '../../machine/a20.ts';
import { type RecordedLine, recordedLine, TestBench } from '../testing/test-bench.ts';
import { KeyboardController } from './i8042.ts';

let bench: TestBench;
let irq: RecordedLine;
let auxIrq: RecordedLine;
let a20: A20Gate;
let resets: number;
let changes: number;
let controller: KeyboardController;

beforeEach(() => {
  bench = new TestBench();
  irq = recordedLine();
  auxIrq = recordedLine();
  a20 = new A20Gate(() => {});
  resets = 0;
  changes = 0;
  controller = new KeyboardController({
    ...{ clock: bench.clock, irq, auxIrq, a20, setUp: true },
    reset: () => resets++,
    inputChanged: () => changes++,
  });
  controller.attach(bench.ports);
  controller.reset();
});

function command(value: number, ...data: number[]): void {
  bench.out(0x64, value);
  for (const byte of data) bench.out(0x60, byte);
}

/** The answer, or undefined if the output buffer is empty. */
function answer(): number | undefined {
  return bench.in(0x64) & 1 ? bench.in(0x60) : undefined;
}

test('self test and line tests pass, and nothing is pending before or after', () => {
  expect(answer()).toBeUndefined();
  command(0xaa);
  expect(answer()).toBe(0x55);
  command(0xab);
  expect(answer()).toBe(0x00);
  command(0xa9);
  expect(answer()).toBe(0x00);
  expect(answer()).toBeUndefined();
});

test('the command byte reads back; disabling and enabling shows in it', () => {
  command(0x60, 0x47);
  command(0x20);
  expect(answer()).toBe(0x47);
  command(0xad);
  command(0xa7);
  command(0x20);
  expect(answer()).toBe(0x77);
  command(0xae);
  command(0xa8);
  command(0x20);
  expect(answer()).toBe(0x47);
});

test('the loop commands give back their byte from the right side', () => {
  command(0xd2, 0x12);
  expect(bench.in(0x64) & 0x21).toBe(0x01);
  expect(answer()).toBe(0x12);
  command(0xd3, 0xa5);
  expect(bench.in(0x64) & 0x21).toBe(0x21);
  expect(answer()).toBe(0xa5);
});

describe('output port', () => {
  test('switches A20 and reads back its true state', () => {
    command(0xd1, 0xdd);
    expect(a20.enabled).toBe(false);
    command(0xd0);
    expect(answer()! & 3).toBe(1);
    a20.set(true); // by port 92h
    command(0xd0);
    expect(answer()! & 3).toBe(3);
    expect(resets).toBe(0);
  });

  test('has commands of its own that switch A20, without a data byte', () => {
    command(0xdd);
    expect(a20.enabled).toBe(false);
    command(0xdf);
    expect(a20.enabled).toBe(true);
  });

  test('resets when its bit 0 is dropped or pulsed', () => {
    command(0xd1, 0x02);
    expect(resets).toBe(1);
    command(0xfe);
    expect(resets).toBe(2);
    command(0xff); // pulses nothing
    expect(resets).toBe(2);
  });
});

describe('a byte of the keyboard', () => {
  beforeEach(() => {
    command(0x60, 0x45);
    bench.advance(1e6);
  });

  test('is read again until the next one has come over the line', () => {
    controller.keyboard.key('ArrowUp', true);
    expect(bench.in(0x60)).toBe(0xe0);
    expect(bench.in(0x64) & 1).toBe(0);
    expect(bench.in(0x60)).toBe(0xe0);
    expect(irq.level).toBe(false);
    bench.advance(1e6);
    expect([bench.in(0x64) & 1, irq.level]).toEqual([1, true]);
    expect(bench.in(0x60)).toBe(0x48);
  });

  test('waits behind the answer of the controller', () => {
    controller.keyboard.key('KeyA', true);
    command(0x20);
    expect(answer()).toBe(0x1e);
    expect(answer()).toBe(0x45);
  });

  test('is one byte for a release: the prefix becomes bit 7', () => {
    controller.keyboard.key('KeyA', true);
    controller.keyboard.key('KeyA', false);
    expect(answer()).toBe(0x1e);
    bench.advance(1e6);
    expect(answer()).toBe(0x9e);
  });

  test('an old form, of a controller without keyboard, is taken over', () => {
    const { keyboard, mouse, keyQueue, answer: _, answerFlags, released, lineFree, ...own } = controller.save();
    controller.restore({ ...own, version: 1, data: 0x77 } as never);
    expect(controller.save()).toMatchObject({ version: 3, data: 0x77 });
    expect(bench.in(0x60)).toBe(0x77);
  });

  test('of a form before keys waited, what was typed and held goes on', () => {
    controller.keyQueue.key('KeyA', true);
    const { keyQueue: _, ...form } = controller.save();
    const typer = { characters: [[keyOf('KeyB')!.index]], steps: [], nextStep: 0 };
    controller.restore({ ...form, version: 2, typer } as never);
    controller.keyQueue.releaseAll();
    const bytes: unknown[] = [];
    for (let n = 0; n < 40; n++) {
      bench.advance(1e6);
      const byte = answer();
      if (byte !== undefined) bytes.push(byte);
    }
    expect(bytes).toEqual([0x1e, 0x30, 0xb0, 0x9e]);
  });

  test.each([
    ['no keyboard', { keyboard: undefined }],
    ['a buffer of words', { keyboard: { buffer: ['x'] } }],
    ['a mouse that moved strangely', { mouse: { moves: [{ dx: 'far' }] } }],
  ])('a form with %s is refused', (_, damage) => {
    expect(() => controller.restore({ ...controller.save(), ...damage } as never)).toThrow(/i8042/);
  });
});

test('an unknown command is ignored', () => {
  command(0x90);
  expect(answer()).toBeUndefined();
  command(0x20);
  expect(answer()).toBe(0x74);
});

test('the saved form carries a pending answer and a half-given command', () => {
  command(0x60, 0x47);
  command(0xaa);
  bench.out(0x64, 0xd1);
  const state = structuredClone(controller.save());
  const target = new TestBench();
  const line = recordedLine();
  const gate = new A20Gate(() => {});
  const copy = new KeyboardController({
    ...{ clock: target.clock, irq: line, auxIrq: recordedLine(), a20: gate, setUp: true },
    reset: () => {},
    inputChanged: () => {},
  });
  copy.attach(target.ports);
  copy.restore(state);
  expect(line.level).toBe(true);
  expect(target.in(0x60)).toBe(0x55);
  target.out(0x60, 0x01);
  expect(gate.enabled).toBe(false);
});
