// Programs with more code than the arena has room for.

import { beforeAll, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

const MAIN = 0x1000;
const STACK = 0x9000;
const FIRST = 0x10000;
const BLOCKS = 20_000;
const ROUNDS = 5;

let monitor: WebAssembly.Module;
let interpreter: WebAssembly.Module;

beforeAll(async () => {
  ({ monitor, interpreter } = await engineModules());
});

/** INC EAX; JMP to the next; the last one returns. */
const chain = Array.from({ length: BLOCKS }, (_, n) => (n < BLOCKS - 1 ? [0x40, 0xe9, ...le32(0)] : [0x40, 0xc3]));

it('is run right, however often it is decoded again', () => {
  const machine = new BareMachine(monitor, interpreter, { translate: 'never' });
  machine.poke(FIRST, chain.flat());
  const call = 5;
  const loop = MAIN + 5;
  // MOV ECX, rounds; loop: CALL FIRST; DEC ECX; JNZ loop; HLT
  machine.poke(MAIN, [
    0xb9,
    ...le32(ROUNDS),
    0xe8,
    ...le32(FIRST - (loop + call)),
    0x49,
    0x0f,
    0x85,
    ...le32(-(call + 7)),
    0xf4,
  ]);
  machine.setRegister(L.RSP, STACK);
  machine.setRegister(L.RAX, 0);
  machine.run(MAIN);
  expect(machine.register(L.RAX)).toBe(BLOCKS * ROUNDS);
  expect(machine.counter(L.N_BLOCKS_DECODED)).toBeGreaterThan(BLOCKS * 1.2);
});
