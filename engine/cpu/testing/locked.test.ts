// LOCK: with atomic accesses several CPUs on one memory lose no update, and one CPU alone computes what it computes without.

import { expect, test } from 'vitest';
import * as L from '../abi/layout.ts';
import { DATA, LockedMemory, regionOf, run, runInThread } from './locked-loop.ts';

const THREADS = 2;
const ROUNDS = 300_000;
/** DEC ECX; JNZ to the start of a loop of `length` bytes so far. */
const again = (length: number) => [0x49, 0x75, 0x100 - (length + 3)];
const loop = (...code: number[]) => [...code, ...again(code.length)];

/** Loops that count up at [EBX] by 1 each round. */
const LOOPS: Record<string, number[]> = {
  'lock inc [ebx]': loop(0xf0, 0xff, 0x03),
  'lock inc word [ebx]': loop(0x66, 0xf0, 0xff, 0x03),
  'lock add [ebx],1': loop(0xf0, 0x83, 0x03, 0x01),
  'lock sub [ebx],-1': loop(0xf0, 0x83, 0x2b, 0xff),
  'mov edx,1; lock xadd [ebx],edx': loop(0xba, 1, 0, 0, 0, 0xf0, 0x0f, 0xc1, 0x13),
  // mov eax,[ebx]; lea edx,[eax+1]; lock cmpxchg [ebx],edx; jnz to the start
  'lock cmpxchg [ebx],edx': loop(0x8b, 0x03, 0x8d, 0x50, 0x01, 0xf0, 0x0f, 0xb1, 0x13, 0x75, 0xf5),
};

test.each(Object.entries(LOOPS))('%s on several CPUs loses no update', async (name, code) => {
  const mask = name.includes('word') ? 0xffff : -1;
  const machine = new LockedMemory();
  const region = regionOf(code, 'atomic');
  const start = new SharedArrayBuffer(4);
  const threads = Array.from({ length: THREADS }, () => {
    const cpu = machine.addCpu({ [L.RBX]: DATA, [L.RCX]: ROUNDS });
    return runInThread(machine.memory, region, cpu, code.length, start, THREADS);
  });
  await Promise.all(threads);
  expect(machine.data() & mask).toBe((THREADS * ROUNDS) & mask);
});

/** Locked instructions on [EBX] with CL or EDX, in every size. */
const FORMS: number[][] = [
  ...[0x00, 0x08, 0x10, 0x18, 0x20, 0x28, 0x30].flatMap((base) => [
    [base, 0x13],
    [base + 1, 0x13],
    [0x66, base + 1, 0x13],
  ]),
  ...[0xfe, 0xff].flatMap((opcode) => [
    [opcode, 0x03],
    [opcode, 0x0b],
    [0x66, opcode, 0x03],
  ]),
  ...[0xf6, 0xf7].flatMap((opcode) => [
    [opcode, 0x13],
    [opcode, 0x1b],
  ]),
  [0x86, 0x13],
  [0x87, 0x13],
  ...[0xb0, 0xb1, 0xc0, 0xc1].map((opcode) => [0x0f, opcode, 0x13]),
  ...[0xab, 0xb3, 0xbb].map((opcode) => [0x0f, opcode, 0x13]),
  [0x0f, 0xc7, 0x0b],
];
const BIT_TESTS = new Set([0xab, 0xb3, 0xbb]);
const VALUES = [0, 1, 0x7f, 0x80, 0x1234_5678, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

test('one CPU computes the same with atomic accesses, aligned or not', () => {
  for (const form of FORMS) {
    const code = [0xf0, ...form];
    const [plain, atomic] = (['plain', 'atomic'] as const).map((locked) => regionOf(code, locked));
    for (const misaligned of [0, 1])
      for (const [n, value] of VALUES.entries()) {
        const results = [plain, atomic].map((region) => {
          const machine = new LockedMemory();
          const other = VALUES[(n * 3 + 5) % VALUES.length];
          // A bit's number may lead to another page, which these CPUs do not have.
          const edx = BIT_TESTS.has(form[1]) ? other & 15 : other;
          const registers = { [L.RAX]: n % 2 ? value : other, [L.RDX]: edx, [L.RBX]: DATA + misaligned, [L.RCX]: 5 };
          const cpu = machine.addCpu(registers);
          machine.setData(misaligned, value);
          machine.setData(misaligned + 4, other);
          run(machine.memory, region, cpu, code.length);
          return (
            Buffer.from(new Uint8Array(machine.memory.buffer, cpu, 0x800)).toString('hex') +
            machine.data() +
            machine.data(4)
          );
        });
        if (results[0] !== results[1]) throw new Error(`[${code}] on ${value}, misaligned by ${misaligned}, differs`);
      }
  }
});
