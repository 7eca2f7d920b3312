// A device that is called with values in the general registers finds them in the CPU block in the midst of IN and OUT, and what it writes
// there is what the guest goes on with: in code that is interpreted and in code around which regions were made.

import { beforeAll, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { type EngineModules, engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

const MAIN = 0x1000;
const SUM = 0x4000;
const CALLS = 10_000;
const PORT = 0x5658;

// Registers as ModRM numbers them.
const [EAX, ECX, EDX, EBX, ESI, EDI] = [0, 1, 2, 3, 6, 7];
const movImmediate = (register: number, value: number) => [0xb8 + register, ...le32(value)];
const addToSum = (register: number) => [0x01, 0x05 | (register << 3), ...le32(SUM)];

let modules: EngineModules;
beforeAll(async () => {
  modules = await engineModules();
});

it.each([
  ['IN', [0xed]],
  ['OUT', [0xef]],
])('%s', (name, instruction) => {
  const body = [
    ...[0x55], // push ebp, the counter
    ...movImmediate(ECX, 11),
    ...movImmediate(EBX, 22),
    ...movImmediate(ESI, 33),
    ...movImmediate(EDI, 44),
    ...movImmediate(EDX, PORT),
    ...movImmediate(EAX, 55),
    ...instruction,
    ...[EAX, EBX, ECX, EDX, ESI, EDI].flatMap(addToSum),
    ...[0x5d, 0x4d], // pop ebp; dec ebp
  ];
  const loop = [...body, 0x0f, 0x85, ...le32(-(body.length + 6) >>> 0)];
  const machine = new BareMachine(modules.monitor, modules.interpreter, {});
  machine.setRegister(L.RSP, 0x9000);
  machine.poke(MAIN, [...movImmediate(5, CALLS), ...loop, 0xf4]);
  const seen = new Set<string>();
  const call = () => {
    seen.add([L.RAX, L.RCX, L.RBX, L.RSI, L.RDI].map((register) => machine.register(register)).join(' '));
    machine.setRegister(L.RBX, 1);
    machine.setRegister(L.RCX, 2);
    machine.setRegister(L.RDX, 3);
    machine.setRegister(L.RSI, 4);
    machine.setRegister(L.RDI, 5);
    if (name === 'OUT') machine.setRegister(L.RAX, 6);
    return 6;
  };
  machine.onPortRead = call;
  machine.onPortWrite = call;
  machine.run(MAIN);
  expect([...seen]).toEqual(['55 11 22 33 44']);
  expect(machine.word(SUM)).toBe(CALLS * (1 + 2 + 3 + 4 + 5 + 6));
});
