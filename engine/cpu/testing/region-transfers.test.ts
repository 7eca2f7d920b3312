// Control inside of regions and between them: calls, returns, jumps through tables, loops entered from the side, pages that
// are mapped elsewhere, interrupts held back. What comes out is the same however the code is run.

import { beforeAll, describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { BareMachine } from './bare-machine.ts';
import { engineModules } from './engine-modules.ts';
import { le32 } from './machine-code.ts';

const MAIN = 0x1000;
const STACK = 0x9000;
const IF = 0x200;

let monitor: WebAssembly.Module;
let interpreter: WebAssembly.Module;

beforeAll(async () => {
  ({ monitor, interpreter } = await engineModules());
});

const HLT = [0xf4];
const RET = [0xc3];
const call = (at: number, target: number): number[] => [0xe8, ...le32(target - (at + 5))];
const jump = (at: number, target: number): number[] => [0xe9, ...le32(target - (at + 5))];
const movEcx = (value: number): number[] => [0xb9, ...le32(value)];
const addEax = (value: number): number[] => [0x05, ...le32(value)];
/** DEC ECX; JNZ target. */
const loop = (at: number, target: number): number[] => [0x49, 0x0f, 0x85, ...le32(target - (at + 7))];

type Part = number[] | ((at: number) => number[]);
function assemble(start: number, ...parts: Part[]): number[] {
  const code: number[] = [];
  for (const part of parts) code.push(...(typeof part === 'function' ? part(start + code.length) : part));
  return code;
}

describe.each(['never', 'always', 'hot'] as const)('translating: %s', (translate) => {
  function machine(): BareMachine {
    const made = new BareMachine(monitor, interpreter, { translate });
    made.setRegister(L.RAX, 0);
    made.setRegister(L.RSP, STACK);
    return made;
  }

  it('recursion comes back as often as it went', () => {
    // fibonacci(ECX) to EAX: CMP ECX,2; JB base; PUSH ECX; DEC ECX; CALL; POP ECX; PUSH EAX; SUB ECX,2; CALL; POP EDX;
    // ADD EAX,EDX; RET; base: MOV EAX,ECX; RET.
    const fibonacci = 0x2000;
    const made = machine();
    made.poke(
      fibonacci,
      assemble(
        fibonacci,
        [0x83, 0xf9, 0x02, 0x72, 0x15, 0x51, 0x49],
        (at) => call(at, fibonacci),
        [0x59, 0x50, 0x83, 0xe9, 0x02],
        (at) => call(at, fibonacci),
        [0x5a, 0x01, 0xd0, 0xc3, 0x89, 0xc8, 0xc3],
      ),
    );
    made.poke(
      MAIN,
      assemble(MAIN, movEcx(16), (at) => call(at, fibonacci), HLT),
    );
    made.run(MAIN);
    expect(made.register(L.RAX)).toBe(987);
    expect(made.register(L.RSP)).toBe(STACK);
  });

  it('jumps through a table, to places met later as well', () => {
    // Case n at CASES + 32 n adds 1 << n; the table is indexed by ECX & 7.
    const cases = 0x2000;
    const table = 0x4000;
    const made = machine();
    const next = MAIN + 5 + 2 + 3 + 7;
    for (let n = 0; n < 8; n++) {
      made.poke(
        cases + 32 * n,
        assemble(cases + 32 * n, addEax(1 << n), (at) => jump(at, next)),
      );
      made.pokeWord(table + 4 * n, cases + 32 * n);
    }
    // MOV EDX,ECX; SHR EDX,9... so that low cases are hot long before high ones are met.
    made.poke(
      MAIN,
      assemble(
        MAIN,
        movEcx(4096),
        [0x89, 0xca],
        [0xc1, 0xea, 0x09],
        [0xff, 0x24, 0x95, ...le32(table)],
        (at) => loop(at, MAIN + 5),
        HLT,
      ),
    );
    made.pokeWord(table + 4 * 8, cases);
    made.run(MAIN);
    let expected = 0;
    for (let ecx = 4096; ecx > 0; ecx--) expected += 1 << (ecx >>> 9 === 8 ? 0 : ecx >>> 9);
    expect(made.register(L.RAX)).toBe(expected);
  });

  it('a loop that is entered from the side', () => {
    // TEST EBX,1; JNZ middle; top: ADD EAX,3; middle: ADD EAX,5; DEC ECX; JNZ top.
    for (const side of [0, 1]) {
      const made = machine();
      made.setRegister(L.RBX, side);
      made.poke(
        MAIN,
        assemble(
          MAIN,
          movEcx(3000),
          [0xf6, 0xc3, 0x01, 0x75, 0x05],
          addEax(3),
          addEax(5),
          (at) => loop(at, MAIN + 10),
          HLT,
        ),
      );
      made.run(MAIN);
      expect(made.register(L.RAX)).toBe(3000 * 8 - (side === 1 ? 3 : 0));
    }
  });

  it('flags live across a return: the carry of the called function', () => {
    // CALL f (SHR EBX,1; RET); ADC EAX,0; ...: counts the bits of EBX.
    const callee = 0x2000;
    const made = machine();
    made.setRegister(L.RBX, 0xdeadbeef);
    made.poke(callee, [0xd1, 0xeb, ...RET]);
    made.poke(
      MAIN,
      assemble(
        MAIN,
        movEcx(2000),
        (at) => call(at, callee),
        [0x83, 0xd0, 0x00],
        (at) => loop(at, MAIN + 5),
        HLT,
      ),
    );
    made.run(MAIN);
    expect(made.register(L.RAX)).toBe(24);
  });

  it('code in two pages of which the second is mapped elsewhere meanwhile', () => {
    const directory = 0x20000;
    const pages = 0x21000;
    const made = machine();
    made.pokeWord(directory, pages | 3);
    for (let page = 0; page < 64; page++) made.pokeWord(pages + page * 4, (page << 12) | 3);
    // Page 2 falls through into page 3, which is page 3 or page 5 in turn; both return.
    const second = 0x3000;
    const head = second - 3;
    made.poke(head, [0x83, 0xc0, 0x01]);
    made.poke(0x3000, [...addEax(0x10), ...RET]);
    made.poke(0x5000, [...addEax(0x1000), ...RET]);
    // CALL head; MOV EDX,[pte]; XOR EDX,6 << 12; MOV [pte],EDX; INVLPG [3000]
    const pte = pages + 3 * 4;
    made.poke(
      MAIN,
      assemble(
        MAIN,
        movEcx(3000),
        (at) => call(at, head),
        [0x8b, 0x15, ...le32(pte), 0x81, 0xf2, ...le32(6 << 12), 0x89, 0x15, ...le32(pte)],
        [0x0f, 0x01, 0x3d, ...le32(second)],
        (at) => loop(at, MAIN + 5),
        HLT,
      ),
    );
    made.enablePaging(directory);
    made.run(MAIN);
    expect(made.register(L.RAX)).toBe(3000 + 1500 * 0x1010);
  });

  it('a page that is written while the region of its caller runs', () => {
    // f: ADD EAX,imm32; RET in another page; each round writes the next immediate.
    const callee = 0x2000;
    const made = machine();
    made.poke(callee, [...addEax(0), ...RET]);
    // MOV [callee+1],ECX; CALL callee.
    made.poke(
      MAIN,
      assemble(
        MAIN,
        movEcx(300),
        [0x89, 0x0d, ...le32(callee + 1)],
        (at) => call(at, callee),
        (at) => loop(at, MAIN + 5),
        HLT,
      ),
    );
    made.run(MAIN);
    expect(made.register(L.RAX)).toBe((300 * 301) / 2);
  });

  it('software interrupts and returns from them', () => {
    const made = machine();
    const gdt = 0xa000;
    const idt = 0xb000;
    const handler = 0x2000;
    made.pokeWord(gdt + 8, 0x0000ffff);
    made.pokeWord(gdt + 12, 0x00cf9b00);
    made.setRegister(L.GDTR_BASE, gdt);
    made.setRegister(L.GDTR_LIMIT, 0xff);
    made.setRegister(L.IDTR_BASE, idt);
    made.setRegister(L.IDTR_LIMIT, 0x7ff);
    made.pokeWord(idt + 0x80 * 8, (8 << 16) | handler);
    made.pokeWord(idt + 0x80 * 8 + 4, 0x8e00);
    // The handler clobbers flags; the carry of the interrupted code counts all the same.
    made.poke(handler, [...addEax(3), 0x31, 0xd2, 0xcf]);
    // STC; INT 80; ADC EBX,0.
    made.setRegister(L.RBX, 0);
    made.poke(
      MAIN,
      assemble(MAIN, movEcx(5000), [0xf9, 0xcd, 0x80, 0x83, 0xd3, 0x00], (at) => loop(at, MAIN + 5), HLT),
    );
    made.run(MAIN);
    expect([made.register(L.RAX), made.register(L.RBX), made.register(L.RSP)]).toEqual([15000, 5000, STACK]);
    // A gate that is not there: #GP, which has none either, shuts the machine down at the instruction.
    made.pokeWord(idt + 0x80 * 8 + 4, 0);
    expect(() => made.run(MAIN)).toThrow(`at EIP ${(MAIN + 6).toString(16)}`);
  });

  it('STI and HLT: an interrupt that waits comes behind HLT, not between', () => {
    const made = machine();
    // CLI; STI; NOP in a loop; then STI; HLT with nothing waiting: halts with interrupts on and no shadow left over.
    made.poke(
      MAIN,
      assemble(MAIN, movEcx(2000), [0xfa, 0xfb, 0x90], (at) => loop(at, MAIN + 5), [0xfa, 0xfb], HLT),
    );
    made.run(MAIN);
    expect(made.register(L.SYSFLAGS) & IF).toBe(IF);
    expect(made.register(L.SHADOW)).toBe(0);
    expect(made.register(L.RIP)).toBe(MAIN + 5 + 3 + 7 + 3);
  });

  it('PUSHF and POPF keep all flags between them', () => {
    const made = machine();
    // loop: ADD EAX,0x7fffffff; PUSHF; XOR EDX,EDX; POPF; ADC EBX,0; SETO DL; ADD EDI,EDX.
    made.setRegister(L.RBX, 0);
    made.setRegister(L.RDI, 0);
    made.poke(
      MAIN,
      assemble(
        MAIN,
        movEcx(2001),
        addEax(0x7fffffff),
        [0x9c, 0x31, 0xd2, 0x9d],
        [0x0f, 0x90, 0xc2, 0x83, 0xd3, 0x00, 0x01, 0xd7],
        (at) => loop(at, MAIN + 5),
        HLT,
      ),
    );
    made.run(MAIN);
    let eax = 0;
    let carries = 0;
    let overflows = 0;
    for (let n = 0; n < 2001; n++) {
      const sum = eax + 0x7fffffff;
      if (sum > 0xffffffff) carries++;
      if ((eax | 0) >= 0 && (sum | 0) < 0) overflows++;
      eax = sum >>> 0;
    }
    expect(made.register(L.RBX)).toBe(carries);
    expect(made.register(L.RDI)).toBe(overflows);
  });
});
