import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { GeneralRegister } from '../../bus/board.ts';
import type { PointerInput } from '../../bus/input.ts';
import { TestBench } from '../testing/test-bench.ts';
import { Vmmouse } from './vmmouse.ts';

const MAGIC = 0x564d5868;
let bench: TestBench;
let registers: Record<GeneralRegister, number>;
let mouse: Vmmouse;
let notices: number;

beforeEach(() => {
  bench = new TestBench();
  notices = 0;
  mouse = build(bench);
});

function build(on: TestBench): Vmmouse {
  const made = new Vmmouse({
    registers: {
      read: (name) => registers[name],
      write: (name, value) => {
        registers[name] = value;
      },
    },
    memoryMiB: 64,
    notify: () => notices++,
    changed: () => {},
  });
  made.attach(on.ports);
  return made;
}

/** As IN EAX, DX does. */
function call(ecx: number, ebx = 0, eax = MAGIC): typeof registers {
  registers = { eax, ebx, ecx, edx: 0x5658, esi: 1, edi: 2 };
  registers.eax = bench.in(0x5658, 4);
  return registers;
}

function move(input: Partial<PointerInput>): void {
  mouse.move({ dx: 0, dy: 0, wheel: 0, horizontalWheel: 0, buttons: 0, ...input });
}

/** What Linux's driver does to switch it on. */
function enable(): void {
  call(41, 0x45414552);
  call(40);
  call(39, 1);
  call(41, 0x53424152);
}

/** What Linux's driver does at each interrupt. */
function packets(): number[][] {
  const all: number[][] = [];
  while ((call(40).eax & 0xffff) !== 0) {
    const { eax, ebx, ecx, edx } = call(39, 4);
    all.push([eax, ebx, ecx, edx]);
  }
  return all;
}

describe('the port', () => {
  test('tells its version with the magic number in EBX', () => {
    expect(call(10, ~MAGIC >>> 0)).toEqual({ eax: 6, ebx: MAGIC, ecx: 2, edx: 0x5658, esi: 1, edi: 2 });
  });

  test('tells how much memory there is', () => {
    expect(call(20).eax).toBe(64 << 20);
  });

  test('is not there for who does not know the number', () => {
    expect(call(10, 7, 0x12345678)).toMatchObject({ eax: 0x12345678, ebx: 7 });
  });

  test('answers accesses of other widths and unknown commands as if nothing was there', () => {
    expect(bench.in(0x5658, 2)).toBe(0xffff);
    expect(bench.in(0x5659, 1)).toBe(0xff);
    expect(call(99).eax).toBe(0xffffffff);
  });

  test('can be called by OUT too', () => {
    registers = { eax: MAGIC, ebx: 0, ecx: 10, edx: 0x5658, esi: 0, edi: 0 };
    bench.out(0x5658, MAGIC, 4);
    expect(registers).toMatchObject({ eax: 6, ebx: MAGIC });
  });
});

describe('the pointing device', () => {
  test('gives its identity when it is switched on, then takes positions', () => {
    expect(call(40).eax).toBe(0xffff0000);
    call(41, 0x45414552);
    expect(call(40).eax).toBe(1);
    expect(call(39, 1).eax).toBe(0x3442554a);
    expect(mouse.active).toBe(false);
    call(41, 0x53424152);
    expect(mouse.active).toBe(true);
    expect(call(40).eax).toBe(0);
  });

  test('reports position, buttons and wheel, and has the mouse notify the driver', () => {
    enable();
    move({ position: { x: 0, y: 1 } });
    move({ position: { x: 0.5, y: 1 }, buttons: 1 });
    move({ buttons: 6, wheel: -1 });
    expect(notices).toBe(3);
    expect(packets()).toEqual([
      [0x00, 0, 0xffff, 0],
      [0x20, 0x8000, 0xffff, 0],
      [0x18, 0x8000, 0xffff, 0xff],
    ]);
  });

  test('what does not change is not reported', () => {
    enable();
    move({ position: { x: 0.25, y: 0.25 } });
    move({ position: { x: 0.25, y: 0.25 } });
    expect(packets()).toHaveLength(1);
  });

  test('motion of a captured pointer is relative, upwards positive', () => {
    enable();
    move({ dx: -3, dy: 4 });
    expect(packets()).toEqual([[0x10000, 0xfffffffd, 0xfffffffc, 0]]);
  });

  test('ends with its command, and when it is read wrongly', () => {
    enable();
    call(41, 0xf5);
    expect([call(40).eax, mouse.active]).toEqual([0xffff0000, false]);
    enable();
    call(39, 4);
    expect([call(40).eax, mouse.active]).toEqual([0xffff0000, false]);
  });

  test('of a guest that fetches nothing, the buttons and the last position stay', () => {
    enable();
    for (let n = 0; n < 1000; n++) move({ position: { x: n / 1000, y: 0 } });
    move({ position: { x: 1, y: 1 }, buttons: 1 });
    const all = packets();
    expect(all.length).toBeLessThanOrEqual(256);
    expect(all.at(-1)).toEqual([0x20, 0xffff, 0xffff, 0]);
  });
});

test('the saved form carries what is queued', () => {
  enable();
  move({ position: { x: 1, y: 0 }, buttons: 2 });
  const state = structuredClone(mouse.save());
  bench = new TestBench();
  mouse = build(bench);
  mouse.restore(state);
  expect(mouse.active).toBe(true);
  expect(packets()).toEqual([[0x10, 0xffff, 0, 0]]);
});

test('any call is answered', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ command: fc.nat(64), argument: fc.integer(), x: fc.float() })), (calls) => {
      for (const { command, argument, x } of calls) {
        expect(Number.isInteger(call(command, argument >>> 0).eax)).toBe(true);
        move({ position: { x, y: 1 - x } });
      }
      expect(mouse.save().queue.length).toBeLessThanOrEqual(1024);
    }),
    { seed: 5658 },
  );
});
