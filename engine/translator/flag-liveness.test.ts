import { describe, expect, it } from 'vitest';
import { Decoder } from '../isa/decoder.ts';
import * as L from '../isa/layout.ts';
import { flagsNeeded } from './flag-liveness.ts';
import { discoverRegion } from './region-graph.ts';

const FLAT32 = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT;

const TEST_EAX = [0x85, 0xc0];
const ADD_ECX = [0x83, 0xc1, 0x01];
const MOV_EDX_EAX = [0x89, 0xc2];
const LOAD_EDX = [0x8b, 0x10];
const INC_EBX = [0x43];
const SETE_DL = [0x0f, 0x94, 0xc2];
const RET = [0xc3];
const HLT = [0xf4];

/** Offsets of the blocks whose flags on entry matter. */
function needed(code: readonly number[]): number[] {
  const page = new Uint8Array(4096).fill(HLT[0]!);
  page.set(code);
  const graph = discoverRegion(new Decoder(), page, 0, FLAT32)!;
  const verdicts = flagsNeeded(graph);
  return graph.blocks.flatMap(({ offset }, index) => (verdicts[index] ? [offset] : [])).sort((a, b) => a - b);
}

/** JE over `skipped` behind TEST, then `rest`: blocks at 0, 4 and behind what is skipped. */
function around(skipped: readonly number[], rest: readonly number[]): number[] {
  return [...TEST_EAX, 0x74, skipped.length, ...skipped, ...rest];
}

describe('flagsNeeded', () => {
  it('is false where flags are set before anyone looks', () => {
    expect(needed(around(MOV_EDX_EAX, [...ADD_ECX, ...RET]))).toEqual([]);
  });

  it('is true where they are read: SETcc, or INC, which keeps CF', () => {
    expect(needed(around(ADD_ECX, [...SETE_DL, ...RET]))).toEqual([7]);
    expect(needed(around(ADD_ECX, [...INC_EBX, ...RET]))).toEqual([7]);
  });

  it('is true where the region is left with them: return, the interpreter, another page', () => {
    expect(needed(around(ADD_ECX, [...MOV_EDX_EAX, ...RET]))).toEqual([7]);
    expect(needed(around(ADD_ECX, [...MOV_EDX_EAX, ...HLT]))).toEqual([7]);
    expect(needed(around(ADD_ECX, [...MOV_EDX_EAX, 0xe9, 0, 0x10, 0, 0]))).toEqual([7]);
  });

  it('is true where an access to memory may leave the region first', () => {
    expect(needed(around(ADD_ECX, [...LOAD_EDX, ...ADD_ECX, ...RET]))).toEqual([7]);
    expect(needed(around(ADD_ECX, [...ADD_ECX, ...LOAD_EDX, ...RET]))).toEqual([]);
  });

  it('comes from a successor through blocks that do not touch flags', () => {
    // 0: TEST, JE 6; 4: MOV; 6: MOV, JMP 10; 10: SETE, RET.
    const through = around(MOV_EDX_EAX, [...MOV_EDX_EAX, 0xeb, 0x00, ...SETE_DL, ...RET]);
    expect(needed(through)).toEqual([4, 6, 10]);
    const dead = around(MOV_EDX_EAX, [...MOV_EDX_EAX, 0xeb, 0x00, ...ADD_ECX, ...RET]);
    expect(needed(dead)).toEqual([]);
  });

  it('goes round a loop', () => {
    // 0: TEST, JE 4 (either way); 4: MOV, JNE 4 reads what came in; 8: ADD, RET.
    expect(needed(around([], [...MOV_EDX_EAX, 0x75, 0xfc, ...ADD_ECX, ...RET]))).toEqual([4]);
    // The same with DEC's successor TEST in the loop: nobody looks at what comes in.
    expect(needed(around([], [...TEST_EAX, 0x75, 0xfc, ...ADD_ECX, ...RET]))).toEqual([]);
  });
});
