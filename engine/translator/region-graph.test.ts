import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from '../isa/decoder.ts';
import * as L from '../isa/layout.ts';
import { definitionOf } from '../isa/semantics/index.ts';
import { discoverRegion, MAXIMUM_INSTRUCTIONS, type RegionGraph, successors } from './region-graph.ts';

const FLAT32 = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT;
const PAGE_SIZE = 4096;
const HLT = 0xf4;

/** A page of HLT with code at some offsets. */
function page(code: Record<number, readonly number[]>): Uint8Array {
  const bytes = new Uint8Array(PAGE_SIZE).fill(HLT);
  for (const [offset, part] of Object.entries(code)) bytes.set(part, Number(offset));
  return bytes;
}

function discover(code: Record<number, readonly number[]>, entry = 0, mode = FLAT32): RegionGraph | undefined {
  return discoverRegion(new Decoder(), page(code), entry, mode);
}

/** 'offset: MNEMONIC... -> end' of each block. */
function outline(graph: RegionGraph | undefined): string[] {
  return (graph?.blocks ?? []).map(({ offset, instructions, end }) => {
    const { kind, ...targets } = end;
    const names = instructions.map(({ instruction }) => instruction.mnemonic).join(' ');
    return `${offset}: ${names} -> ${[kind, ...Object.values(targets)].join(' ')}`;
  });
}

describe('discoverRegion', () => {
  it('takes straight code up to its return', () => {
    expect(outline(discover({ 16: [0x40, 0x41, 0xc3] }, 0x10))).toEqual(['16: INC INC RET -> transfer']);
  });

  it('follows both ways of a branch until they meet', () => {
    const code = { 0: [0x85, 0xc0, 0x74, 0x03], 4: [0x40, 0xeb, 0x01], 7: [0x41], 8: [0x42, 0xc3] };
    expect(outline(discover(code))).toEqual([
      '0: TEST JE -> branch 7 4',
      '4: INC JMP -> jump 8',
      '7: INC -> jump 8',
      '8: INC RET -> transfer',
    ]);
  });

  it('makes a block of what is jumped to in the middle of others', () => {
    const code = { 0: [0x40, 0x41, 0x42, 0x75, 0xfc, 0xc3] };
    expect(outline(discover(code))).toEqual(['0: INC -> jump 1', '1: INC INC JNE -> branch 1 5', '5: RET -> transfer']);
  });

  it('has the entry first, whatever lies before it', () => {
    const graph = discover({ 32: [0x40, 0xc3], 64: [0x41, 0xeb, 0xdd] }, 0x40);
    expect(outline(graph)).toEqual(['64: INC JMP -> jump 32', '32: INC RET -> transfer']);
    expect(successors(graph!, 0)).toEqual([1]);
  });

  it('ends with calls, and with jumps to a computed place', () => {
    expect(outline(discover({ 0: [0x40, 0xe8, 0, 0, 0, 0, 0x41] }))).toEqual(['0: INC CALL -> transfer']);
    expect(outline(discover({ 0: [0xff, 0xe0] }))).toEqual(['0: JMPI -> transfer']);
  });

  it('leaves to what lies in another page', () => {
    const graph = discover({ 4080: [0x40, 0x0f, 0x84, 0x00, 0x10, 0x00, 0x00, 0xe9, 0x00, 0xe0, 0xff, 0xff] }, 0xff0);
    expect(outline(graph)).toEqual([
      `${0xff0}: INC JE -> branch ${0x1ff7} ${0xff7}`,
      `${0xff7}: JMP -> jump ${0xffc - 0x2000}`,
    ]);
    expect(successors(graph!, 0)).toEqual([1]);
    expect(successors(graph!, 1)).toEqual([]);
  });

  it('leaves an instruction across the page border to the interpreter, and what follows the page to another region', () => {
    expect(outline(discover({ 4092: [0x40, 0xb8, 0, 0] }, 0xffc))).toEqual([`${0xffc}: INC -> interpret ${0xffd}`]);
    expect(outline(discover({ 4094: [0x40, 0x41] }, 0xffe))).toEqual([`${0xffe}: INC INC -> jump ${0x1000}`]);
  });

  it('leaves what only the interpreter does to it', () => {
    expect(definitionOf('HLT')!.translatable).toBe(false);
    expect(outline(discover({ 0: [0x40, HLT, 0x41] }))).toEqual(['0: INC -> interpret 1']);
    expect(discover({ 0: [HLT] })).toBeUndefined();
  });

  it('does not follow 16-bit branches, whose target wraps', () => {
    expect(outline(discover({ 0: [0x40, 0x74, 0x00, 0xc3] }, 0, L.MODE_REAL))).toEqual(['0: INC JE -> transfer']);
  });

  it('decodes overlapping code both ways', () => {
    // JE into the immediate of MOV, where INC, RET stand.
    const graph = discover({ 0: [0x74, 0x01, 0xb8, 0x40, 0xc3, 0x00, 0x00, 0xc3] });
    expect(outline(graph)).toEqual(['0: JE -> branch 3 2', '2: MOV RET -> transfer', '3: INC RET -> transfer']);
  });

  it('stops at its bound and goes on at the next instruction', () => {
    const graph = discover({ 0: new Array<number>(1000).fill(0x40) })!;
    expect(outline(graph)).toHaveLength(1);
    expect(graph.blocks[0]!.instructions).toHaveLength(MAXIMUM_INSTRUCTIONS);
    expect(graph.blocks[0]!.end).toEqual({ kind: 'jump', target: MAXIMUM_INSTRUCTIONS });
  });

  it('finds consistent blocks in any bytes', () => {
    // Short jumps and common opcodes often enough that regions grow.
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0x40, 0x74, 0x75, 0xeb, 0x89, 0x05, 0xfc, 0x0f, 0xc3));
    fc.assert(
      fc.property(
        fc.array(byte, { minLength: 400, maxLength: 400 }),
        fc.integer({ min: 0, max: 390 }),
        (bytes, entry) => {
          const graph = discover({ 0: bytes }, entry);
          if (!graph) return;
          expect(graph.blocks[0]!.offset).toBe(entry);
          const seen = new Set<number>();
          for (const { offset, instructions, end } of graph.blocks) {
            expect(graph.blocks[graph.indexOf.get(offset)!]!.offset).toBe(offset);
            let at = offset;
            instructions.forEach(({ instruction, offset: place }, index) => {
              expect(place).toBe(at);
              expect(seen.has(place)).toBe(false);
              seen.add(place);
              at += instruction.length;
              const { ends, translatable } = definitionOf(instruction.mnemonic)!;
              expect(translatable).toBe(true);
              if (ends) expect(index).toBe(instructions.length - 1);
            });
            if (end.kind === 'interpret') expect(end.offset).toBe(at);
            if (end.kind === 'branch') expect(end.otherwise).toBe(at);
          }
          expect(seen.size).toBeLessThanOrEqual(MAXIMUM_INSTRUCTIONS);
          const reached = new Set(graph.blocks.flatMap((_, index) => successors(graph, index)));
          for (let index = 1; index < graph.blocks.length; index++) expect(reached.has(index)).toBe(true);
        },
      ),
    );
  });
});
