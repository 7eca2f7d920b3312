// Regions of a simulated VM: a few instructions that the translator really makes WebAssembly of, at several addresses.

import { MODE_CS32, MODE_FLAT, MODE_SS32 } from '../../engine/cpu/abi/layout.ts';
import { Decoder } from '../../engine/cpu/isa/decoder.ts';
import { disassemble } from '../../engine/cpu/isa/disassembler.ts';
import { listRegion } from '../../engine/cpu/translator/region-listing.ts';
import type { RegionCode, RegionReport, RegionSummary } from '../../engine/host/api.ts';

const MODE = MODE_CS32 | MODE_SS32 | MODE_FLAT;
/** again: mov eax,[esi+ecx*4]; add edx,eax; imul eax,eax,31; mov [edi+ecx*4],eax; dec ecx; jne again; ret. */
const LOOP = [0x8b, 4, 0x8e, 1, 0xc2, 0x6b, 0xc0, 31, 0x89, 4, 0x8f, 0x49, 0x75, 0xf2, 0xc3];
const OFFSET = 0x2f0;
const COUNT = 12;

const listing = () => {
  const page = new Uint8Array(4096).fill(0xf4);
  page.set(LOOP, OFFSET);
  const source = {
    page: () => page,
    seen: () => true,
    called: () => false,
    resumed: () => false,
    straddles: () => false,
    general: () => false,
    planar: () => false,
    targets: () => [],
  };
  return { page, region: listRegion(new Decoder(), source, OFFSET, MODE)! };
};

const linearOf = (id: number): number => 0xc0100000 + id * 0x3000 + OFFSET;

/** `executed`: instructions in all of them together. */
export function simulatedRegions(executed: number, limit: number): RegionReport {
  const { bytes, graph } = listing().region;
  const regions = Array.from({ length: Math.min(limit, COUNT) }, (_, n): RegionSummary => {
    const share = Math.round(executed * 0.4 * 0.6 ** n);
    return {
      id: n + 1,
      linear: linearOf(n + 1),
      physical: linearOf(n + 1) & 0xfffffff,
      user: n % 3 === 2,
      bits: 32,
      instructions: graph.blocks.reduce((sum, block) => sum + block.instructions.length, 0),
      entries: graph.entries.length,
      pages: 1,
      wasmBytes: bytes.length,
      madeMs: 0.4 + n / 7,
      runs: Math.round(share / 60),
      executed: share,
    };
  });
  return { regions, live: 1204, executed };
}

export function simulatedRegionCode(id: number): RegionCode {
  const { page, region } = listing();
  const base = linearOf(id) - OFFSET;
  const instructions = region.graph.blocks.flatMap((block, n) =>
    block.instructions.map(({ instruction, offset }, at) => {
      const bytes = page.slice(offset, offset + instruction.length);
      const leads = at === 0;
      return {
        address: base + offset,
        bytes,
        text: disassemble(instruction, bytes, base + offset),
        leads,
        entry: n === 1 && leads,
      };
    }),
  );
  const marks = region.marks.map(({ at, offset }) => (offset === undefined ? { at } : { at, address: base + offset }));
  return { id, instructions, wasm: region.bytes, marks };
}
