// Floating point on numbers that the straight path of an instruction is not for: the region is left for the interpreter each time,
// until there are so many exits that it is rebuilt with all cases in it.

import { beforeEach, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { ENABLE_SSE, le32 } from './machine-code.ts';

const MAIN = 0x1000;
const DATA = 0x8000;
const RESULT = 0x9000;
const TIMES = 60_000;
/** Executions until code is hot, and exits until the JavaScript side is notified (cpu/monitor/dispatch/dispatch.ts). */
const WARM_UP = 2000;
const TOLD_AFTER = 16_384;
/** Exits on the way: pages first seen, a first inexact result. */
const FEW = 20;

/** LDMXCSR: PE set, as it is in a program that has rounded once. */
const ROUNDED = [0x0f, 0xae, 0x15, ...le32(DATA + 16)];
const MXCSR = 0x1fa0;

const SSE = [
  ...[0xf2, 0x0f, 0x10, 0x05, ...le32(DATA)], // MOVSD XMM0, [DATA]
  ...[0xf2, 0x0f, 0x59, 0x05, ...le32(DATA + 8)], // MULSD XMM0, [DATA + 8]
  ...[0xf2, 0x0f, 0x11, 0x05, ...le32(RESULT)], // MOVSD [RESULT], XMM0
];
const X87 = [
  ...[0xdd, 0x05, ...le32(DATA)], // FLD
  ...[0xdc, 0x0d, ...le32(DATA + 8)], // FMUL
  ...[0xdd, 0x1d, ...le32(RESULT)], // FSTP
];

let machine: BareMachine;

beforeEach(async () => {
  const { monitor, interpreter } = await engineModules();
  machine = new BareMachine(monitor, interpreter, { translate: 'hot' });
});

/** Multiplies again and again. @returns how often the region was left for an instruction */
function exitsOf(code: readonly number[], a: number, b: number): number {
  const data = new Float64Array([a, b]);
  machine.poke(DATA, new Uint8Array(data.buffer));
  machine.pokeWord(DATA + 16, MXCSR);
  const loop = [...code, 0x49]; // DEC ECX
  const start = [...ENABLE_SSE, ...ROUNDED, 0xdb, 0xe3, 0xb9, ...le32(TIMES)];
  machine.poke(MAIN, [...start, ...loop, 0x75, -(loop.length + 2) & 0xff, 0xf4]);
  const before = machine.counter(L.N_COLD_EXITS);
  machine.run(MAIN);
  const result = new Float64Array(Uint32Array.of(machine.word(RESULT), machine.word(RESULT + 4)).buffer);
  expect(result[0]).toBe(a * b);
  return machine.counter(L.N_COLD_EXITS) - before;
}

const DENORMAL = 2 ** -1060;

it.each([
  ['SSE', SSE],
  ['x87', X87],
])('%s: a block that meets rare numbers often comes to do them itself', (_, code) => {
  const exits = exitsOf(code, DENORMAL, 3);
  expect(exits).toBeGreaterThanOrEqual(TOLD_AFTER);
  expect(exits).toBeLessThan(TOLD_AFTER + WARM_UP);
  expect(exitsOf(code, DENORMAL, 3)).toBeLessThan(FEW);
});

it.each([
  ['SSE', SSE],
  ['x87', X87],
])('%s: ordinary numbers leave no region', (_, code) => {
  expect(exitsOf(code, 1.5, 3)).toBeLessThan(FEW);
});

it('SSE: zeros leave no region', () => {
  expect(exitsOf(SSE, 0, 3)).toBeLessThan(FEW);
});
