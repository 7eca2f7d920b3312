import { describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { Decoder } from '../isa/decoder.ts';
import { type FlagUse, flagUses } from './flag-liveness.ts';
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

/** Use of the flags at each block's entry, by offset. */
function uses(code: readonly number[]): Record<number, FlagUse> {
  const page = new Uint8Array(4096).fill(HLT[0]!);
  page.set(code);
  const source = {
    page: (delta: number) => (delta === 0 ? page : undefined),
    seen: () => true,
    called: () => false,
    resumed: () => false,
    straddles: () => false,
    general: () => false,
    planar: () => false,
    targets: () => [],
  };
  const graph = discoverRegion(new Decoder(), source, 0, FLAT32)!;
  const found = flagUses(graph);
  return Object.fromEntries([...graph.indexOf].map(([offset, index]) => [offset, found[index]!]));
}

/** JE over `skipped` behind TEST, then `rest`: blocks at 0, 4 and behind what is skipped. */
function around(skipped: readonly number[], rest: readonly number[]): number[] {
  return [...TEST_EAX, 0x74, skipped.length, ...skipped, ...rest];
}

describe('flagUses', () => {
  it('are dead where flags are set before anyone looks', () => {
    expect(uses(around(MOV_EDX_EAX, [...ADD_ECX, ...RET]))).toEqual({ 0: 'dead', 4: 'dead', 6: 'dead' });
  });

  it('are read by SETcc, and by INC, which keeps CF', () => {
    expect(uses(around(ADD_ECX, [...SETE_DL, ...RET]))[7]).toBe('read');
    expect(uses(around(ADD_ECX, [...INC_EBX, ...RET]))[7]).toBe('read');
  });

  it('are kept where the region is left with them: return, the interpreter, another page', () => {
    expect(uses(around(ADD_ECX, [...MOV_EDX_EAX, ...RET]))[7]).toBe('kept');
    expect(uses(around(ADD_ECX, [...MOV_EDX_EAX, ...HLT]))[7]).toBe('kept');
    expect(uses(around(ADD_ECX, [...MOV_EDX_EAX, 0xe9, 0, 0x10, 0, 0]))[7]).toBe('kept');
  });

  it('are kept where an access to memory may leave the region first', () => {
    expect(uses(around(ADD_ECX, [...LOAD_EDX, ...ADD_ECX, ...RET]))[7]).toBe('kept');
    expect(uses(around(ADD_ECX, [...ADD_ECX, ...LOAD_EDX, ...RET]))[7]).toBe('dead');
  });

  it('come from a successor through blocks that do not touch flags', () => {
    // 0: TEST, JE 6; 4: MOV; 6: MOV, JMP 10; 10: SETE, RET.
    const through = around(MOV_EDX_EAX, [...MOV_EDX_EAX, 0xeb, 0x00, ...SETE_DL, ...RET]);
    expect(uses(through)).toEqual({ 0: 'dead', 4: 'read', 6: 'read', 10: 'read' });
    const kept = around(MOV_EDX_EAX, [...MOV_EDX_EAX, 0xeb, 0x00, ...RET]);
    expect(uses(kept)).toEqual({ 0: 'dead', 4: 'kept', 6: 'kept', 10: 'kept' });
    const dead = around(MOV_EDX_EAX, [...MOV_EDX_EAX, 0xeb, 0x00, ...ADD_ECX, ...RET]);
    expect(uses(dead)).toEqual({ 0: 'dead', 4: 'dead', 6: 'dead', 10: 'dead' });
  });

  it('are read beyond an access that keeps them', () => {
    const code = around(ADD_ECX, [...LOAD_EDX, ...SETE_DL, ...RET]);
    expect(uses(code)[7]).toBe('read');
  });

  it('go round a loop', () => {
    // 0: TEST, JE 4 (either way); 4: MOV, JNE 4 reads what came in; 8: ADD, RET.
    expect(uses(around([], [...MOV_EDX_EAX, 0x75, 0xfc, ...ADD_ECX, ...RET]))[4]).toBe('read');
    // The same with TEST in the loop: the incoming flags are not read.
    expect(uses(around([], [...TEST_EAX, 0x75, 0xfc, ...ADD_ECX, ...RET]))[4]).toBe('dead');
  });
});
