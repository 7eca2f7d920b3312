import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { Decoder } from '../isa/decoder.ts';
import { endsRegionBlock, isTranslatable } from '../semantics/index.ts';
import {
  type CodeSource,
  discoverRegion,
  MAXIMUM_INSTRUCTIONS,
  MAXIMUM_PAGES,
  type RegionGraph,
  successors,
} from './region-graph.ts';

const FLAT32 = L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT;
const PAGE_SIZE = 4096;
const HLT = 0xf4;

/** A page of HLT with code at some offsets. */
function page(code: Record<number, readonly number[]>): Uint8Array {
  const bytes = new Uint8Array(PAGE_SIZE).fill(HLT);
  for (const [offset, part] of Object.entries(code)) bytes.set(part, Number(offset));
  return bytes;
}

function discover(
  code: Record<number, readonly number[]>,
  entry = 0,
  mode = FLAT32,
  other: Partial<CodeSource> = {},
): RegionGraph | undefined {
  const home = page(code);
  const source: CodeSource = {
    page: (delta) => (delta === 0 ? home : undefined),
    seen: () => true,
    called: () => false,
    resumed: () => false,
    straddles: () => false,
    general: () => false,
    planar: () => false,
    targets: () => [],
    ...other,
  };
  return discoverRegion(new Decoder(), source, entry, mode);
}

/** 'offset: MNEMONIC... -> end' of each block but the dispatch. */
function outline(graph: RegionGraph | undefined): string[] {
  return (graph?.blocks ?? []).slice(1).map(({ offset, instructions, end }) => {
    const { kind, ...targets } = end;
    const names = instructions.map(({ instruction }) => instruction.mnemonic).join(' ');
    return `${offset}: ${names} -> ${[kind, ...Object.values(targets)].join(' ')}`;
  });
}

/** Offsets of the entries. */
function entries(graph: RegionGraph | undefined): number[] {
  return graph!.entries.map((index) => graph!.blocks[index]!.offset);
}

/** Offsets of where the block at `offset` may go within the region. */
function next(graph: RegionGraph | undefined, offset: number): number[] {
  return successors(graph!, graph!.indexOf.get(offset)!).map((index) => graph!.blocks[index]!.offset);
}

describe('discoverRegion', () => {
  it('takes straight code up to its return', () => {
    expect(outline(discover({ 16: [0x40, 0x41, 0xc3] }, 0x10))).toEqual(['16: INC INC RET -> transfer']);
  });

  it('does not search on and on through what the interpreter does', () => {
    const asked = new Set<number>();
    discover({ 0: [0x40] }, 0, FLAT32, { seen: (offset) => asked.add(offset).size > 0 });
    expect(asked.size).toBeLessThanOrEqual(MAXIMUM_INSTRUCTIONS);
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

  it('begins where it was hot, whatever lies before that', () => {
    const graph = discover({ 32: [0x40, 0xc3], 64: [0x41, 0xeb, 0xdd] }, 0x40);
    expect(outline(graph)).toEqual(['32: INC RET -> transfer', '64: INC JMP -> jump 32']);
    expect(entries(graph)).toEqual([64]);
    expect(next(graph, 64)).toEqual([32]);
  });

  it('follows calls and can be entered behind them', () => {
    const graph = discover({ 0: [0x40, 0xe8, 0x0a, 0, 0, 0, 0x41, 0xc3], 16: [0x42, 0xc3] });
    expect(outline(graph)).toEqual(['0: INC CALL -> call 16', '6: INC RET -> transfer', '16: INC RET -> transfer']);
    expect(entries(graph)).toEqual([0, 6]);
    // A return may lead to any entry.
    expect(successors(graph!, graph!.indexOf.get(16)!)).toEqual([0]);
    expect(successors(graph!, 0)).toEqual(graph!.entries);
  });

  it('calls what another region has rather than taking it in once more', () => {
    const code = { 0: [0x40, 0xe8, 0x0a, 0, 0, 0, 0x41, 0xc3], 16: [0x42, 0xc3] };
    const graph = discover(code, 0, FLAT32, { called: (offset) => offset === 16 });
    expect(outline(graph)).toEqual(['0: INC CALL -> call 16', '6: INC RET -> transfer']);
    expect(next(graph, 0)).toEqual([]);
  });

  it('goes on elsewhere where it is told to: at a branch, behind a call, in the middle of a line', () => {
    const code = { 0: [0x74, 0x06], 2: [0x40, 0x41, 0xc3], 8: [0xe8, 0x03, 0, 0, 0, 0x42, 0xc3], 16: [0x43, 0xc3] };
    const resumed = (...offsets: number[]) => discover(code, 0, FLAT32, { resumed: (at) => offsets.includes(at) });
    expect(outline(resumed(8))).toEqual(['0: JE -> branch 8 2', '2: INC INC RET -> transfer']);
    expect(entries(resumed(13))).toEqual([0]);
    expect(outline(resumed(3, 8))).toEqual(['0: JE -> branch 8 2', '2: INC -> jump 3']);
    // Its own entry is not meant.
    expect(outline(resumed(0, 8))).toEqual(outline(resumed(8)));
  });

  it('leaves out what never ran', () => {
    const code = { 0: [0x85, 0xc0, 0x74, 0x03], 4: [0x40, 0xeb, 0x01], 7: [0x41], 8: [0x42, 0xc3] };
    expect(outline(discover(code, 0, FLAT32, { seen: (offset) => offset !== 7 }))).toEqual([
      '0: TEST JE -> branch 7 4',
      '4: INC JMP -> jump 8',
      '8: INC RET -> transfer',
    ]);
  });

  it('takes in where indirect jumps were seen to go, only if it has such jumps', () => {
    const code = { 0: [0xff, 0xe0], 16: [0x40, 0xff, 0xe0], 32: [0x41, 0xc3] };
    expect(entries(discover(code, 0, FLAT32, { targets: () => [16] }))).toEqual([0, 16]);
    expect(entries(discover(code, 32, FLAT32, { targets: () => [16] }))).toEqual([32]);
  });

  it('takes no block for such a place that is reached without them', () => {
    const code = { 0: [0x85, 0xc0, 0x74, 0x04], 4: [0x40, 0xff, 0xe0], 8: [0x42, 0xc3], 16: [0x41, 0xc3] };
    expect(entries(discover(code, 0, FLAT32, { targets: () => [4, 5, 8, 16] }))).toEqual([0, 16]);
  });

  it('goes on into other pages, a few', () => {
    const other = new Uint8Array(PAGE_SIZE).fill(HLT);
    other.set([0x41, 0xc3], 7);
    const graph = discover({ 4080: [0xe9, 0x12, 0, 0, 0] }, 0xff0, FLAT32, {
      page: (delta) => (delta === 0 ? page({ 4080: [0xe9, 0x12, 0, 0, 0] }) : delta === 1 ? other : undefined),
    });
    expect(outline(graph)).toEqual(['4080: JMP -> jump 4103', '4103: INC RET -> transfer']);
    // Each page jumps to the next one.
    const chain = page({ 0: [0xe9, 0xfb, 0x0f, 0, 0] });
    const far = discover({}, 0, FLAT32, { page: () => chain });
    expect(outline(far)).toHaveLength(MAXIMUM_PAGES);
  });

  it('takes in a function far away, before or behind', () => {
    for (const delta of [-2500, 2500]) {
      const code = page({
        0: [0xe8, ...[0, 8, 16, 24].map((shift) => ((delta * PAGE_SIZE + 27) >> shift) & 0xff), 0xc3],
      });
      const graph = discover({}, 0, FLAT32, {
        page: (asked) => (asked === 0 ? code : asked === delta ? page({ 32: [0x41, 0xc3] }) : undefined),
      });
      const at = delta * PAGE_SIZE + 32;
      expect(outline(graph).toSorted()).toEqual(
        ['5: RET -> transfer', `0: CALL -> call ${at}`, `${at}: INC RET -> transfer`].toSorted(),
      );
    }
  });

  it('decodes an instruction across the border of two pages it may use', () => {
    const other = new Uint8Array(PAGE_SIZE).fill(HLT);
    other.set([0x12, 0xc3]);
    const home = page({ 4092: [0xb8, 0, 0, 0] });
    const graph = discover({}, 0xffc, FLAT32, {
      page: (delta) => (delta === 0 ? home : delta === 1 ? other : undefined),
    });
    expect(outline(graph)).toEqual(['4092: MOV RET -> transfer']);
    expect(graph!.blocks[1]!.instructions[0]!.instruction.operands[1]).toMatchObject({ value: 0x12000000 });
  });

  it('ends with jumps to a computed place', () => {
    expect(outline(discover({ 0: [0xff, 0xe0] }))).toEqual(['0: JMPI -> transfer']);
  });

  it('leaves to what lies in a page it has not', () => {
    const graph = discover({ 4080: [0x40, 0x0f, 0x84, 0x00, 0x10, 0x00, 0x00, 0xe9, 0x00, 0xe0, 0xff, 0xff] }, 0xff0);
    expect(outline(graph)).toEqual([
      `${0xff0}: INC JE -> branch ${0x1ff7} ${0xff7}`,
      `${0xff7}: JMP -> jump ${0xffc - 0x2000}`,
    ]);
    expect(next(graph, 0xff0)).toEqual([0xff7]);
    expect(next(graph, 0xff7)).toEqual([]);
  });

  it('leaves an instruction that reaches into such a page to the interpreter', () => {
    expect(outline(discover({ 4092: [0x40, 0xb8, 0, 0] }, 0xffc))).toEqual([`${0xffc}: INC -> interpret ${0xffd}`]);
    expect(outline(discover({ 4094: [0x40, 0x41] }, 0xffe))).toEqual([`${0xffe}: INC INC -> jump ${0x1000}`]);
  });

  it('leaves what only the interpreter does to it, and can be entered behind that', () => {
    const graph = discover({ 0: [0x40, HLT, 0x41, 0xc3] });
    expect(outline(graph)).toEqual(['0: INC -> interpret 1', '2: INC RET -> transfer']);
    expect(entries(graph)).toEqual([0, 2]);
    expect(discover({ 0: [HLT] })).toBeUndefined();
  });

  it('goes on behind instructions that only ask to be looked at', () => {
    expect(outline(discover({ 0: [0xfa, 0x40, 0xfb, 0x41, 0xc3] }))).toEqual(['0: CLI INC STI INC RET -> transfer']);
  });

  it('does not follow 16-bit branches, whose target wraps', () => {
    expect(outline(discover({ 0: [0x40, 0x74, 0x00, 0xc3] }, 0, L.MODE_REAL))).toEqual(['0: INC JE -> transfer']);
  });

  it('decodes overlapping code both ways', () => {
    // JE into the immediate of MOV, where INC, RET stand.
    const graph = discover({ 0: [0x74, 0x01, 0xb8, 0x40, 0xc3, 0x00, 0x00, 0xc3] });
    expect(outline(graph)).toEqual(['0: JE -> branch 3 2', '2: MOV RET -> transfer', '3: INC RET -> transfer']);
  });

  it('stops at its bound and goes on at the next instruction; blocks are short enough to be counted in a byte', () => {
    const graph = discover({ 0: new Array<number>(1000).fill(0x40) })!;
    const lengths = graph.blocks.map(({ instructions }) => instructions.length);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(MAXIMUM_INSTRUCTIONS);
    expect(Math.max(...lengths)).toBeLessThan(256);
    expect(graph.blocks[graph.blocks.length - 1]!.end).toEqual({ kind: 'jump', target: MAXIMUM_INSTRUCTIONS });
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
          expect(graph.blocks[graph.entries[0]!]!.offset).toBe(entry);
          const seen = new Set<number>();
          for (const { offset, instructions, end } of graph.blocks.slice(1)) {
            expect(graph.blocks[graph.indexOf.get(offset)!]!.offset).toBe(offset);
            let at = offset;
            instructions.forEach(({ instruction, offset: place }, index) => {
              expect(place).toBe(at);
              expect(seen.has(place)).toBe(false);
              seen.add(place);
              at += instruction.length;
              expect(isTranslatable(instruction)).toBe(true);
              if (endsRegionBlock(instruction)) expect(index).toBe(instructions.length - 1);
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
