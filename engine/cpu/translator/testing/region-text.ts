// What the translator makes of a piece of machine code, as text: the instructions, and the WebAssembly with a note of which
// instruction each piece was emitted for. For tests that compare it with a file (golden.test.ts).
//
// A file has comment lines (#), settings, and code as lines of `offset: bytes`; what stands behind ';' and behind the line
// `---` is the translator's output, rewritten when the file is regenerated.

import * as L from '../../abi/layout.ts';
import type { LockedAccess } from '../../emitter/memory-access.ts';
import { Decoder } from '../../isa/decoder.ts';
import { disassemble } from '../../isa/disassembler.ts';
import { disassembled } from '../../wasm/testing/disassembled.ts';
import type { CodeSource } from '../region-graph.ts';
import { listRegion, type RegionListing } from '../region-listing.ts';
import { FoldedText, type Signatures } from './folded-text.ts';

const PAGE_SIZE = 4096;
const HLT = 0xf4;
const PARAMETERS = ['$cpu', '$slot', '$entry'];

const MODES: Record<string, number> = {
  flat: L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT,
  user: L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT | L.MODE_USER,
  segmented: L.MODE_CS32 | L.MODE_SS32,
  real: L.MODE_REAL,
};

interface Case {
  /** Comments and settings, as they stand. */
  head: string[];
  mode: number;
  locked: LockedAccess;
  /** With the ways into the region and out of it, which are much the same in all. */
  whole: boolean;
  /** Of the home page. */
  page: Uint8Array;
  lines: { offset: number; bytes: number[] }[];
  /** Offsets, by setting: `straddles`, `general`, `planar`, `targets`. */
  offsets: Record<string, number[]>;
}

/** The file's text as it should be: the same head and code, and what is made of them now. Throws for a file of another form. */
export function regenerate(file: string): string {
  const { head, mode, locked, page, lines, offsets, whole } = parse(file);
  const source: CodeSource = {
    page: (delta) => (delta === 0 ? page : undefined),
    seen: () => true,
    called: () => false,
    resumed: () => false,
    straddles: (offset) => offsets.straddles?.includes(offset) ?? false,
    general: (offset) => offsets.general?.includes(offset) ?? false,
    planar: (offset) => offsets.planar?.includes(offset) ?? false,
    targets: () => offsets.targets ?? [],
  };
  const decoder = new Decoder();
  const listing = listRegion(decoder, source, lines[0].offset, mode, locked);
  const code = lines.flatMap(({ offset, bytes }) => instructionLines(decoder, page, offset, bytes.length, mode));
  return [
    ...head,
    ...code,
    '---',
    ...(listing ? wasmLines(listing, decoder, page, mode, whole) : ['no region']),
    '',
  ].join('\n');
}

function parse(file: string): Case {
  const head: string[] = [];
  const offsets: Case['offsets'] = {};
  const lines: Case['lines'] = [];
  const page = new Uint8Array(PAGE_SIZE).fill(HLT);
  let mode: number | undefined;
  let whole = false;
  let locked: LockedAccess = 'plain';
  for (const line of file.split('\n')) {
    if (line === '---') break;
    const code = /^([0-9a-f]+): *((?:[0-9a-f]{2} ?)+)/.exec(line);
    if (code) {
      const offset = Number.parseInt(code[1], 16);
      const bytes = code[2]
        .trim()
        .split(' ')
        .map((byte) => Number.parseInt(byte, 16));
      page.set(bytes, offset);
      lines.push({ offset, bytes });
      continue;
    }
    head.push(line);
    const [, name = '', value = ''] = /^(\w+): *(.*)$/.exec(line) ?? [];
    if (name === 'mode') mode = MODES[value];
    else if (name === 'locked') locked = value as LockedAccess;
    else if (name === 'whole') whole = value === 'yes';
    else if (name !== '') offsets[name] = value.split(' ').map((text) => Number.parseInt(text, 16));
  }
  if (mode === undefined || lines.length === 0) throw new Error('a case has a line "mode:" and code');
  return { head, mode, locked, whole, page, lines, offsets };
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** One line for each instruction of a run of bytes. */
function instructionLines(decoder: Decoder, page: Uint8Array, start: number, length: number, mode: number): string[] {
  const lines: string[] = [];
  for (let offset = start; offset < start + length; ) {
    const instruction = decoder.decode(page, offset, mode);
    const bytes = page.subarray(offset, offset + instruction.length);
    const text = [...bytes].map((byte) => hex(byte, 2)).join(' ');
    lines.push(`${hex(offset, 3)}: ${text.padEnd(30)} ; ${disassemble(instruction, bytes, offset)}`);
    offset += instruction.length;
  }
  return lines;
}

function wasmLines(
  { bytes, marks }: RegionListing,
  decoder: Decoder,
  page: Uint8Array,
  mode: number,
  whole: boolean,
): string[] {
  const { lines, offsets } = disassembled(bytes, (index, name) => PARAMETERS[index] ?? name.replace('$var', '$'));
  const first = lines.findIndex((line) => /^ *\(func \$region /.test(line));
  const folded = new FoldedText(signaturesIn(lines));
  const last = marks[marks.length - 1].at;
  let next = 0;
  for (let n = first + 2; n < lines.length - 2; n++) {
    let mark: number | undefined | null = null;
    while (next < marks.length && marks[next].at <= offsets[n]) mark = marks[next++].offset;
    if (mark !== null && (whole || mark !== undefined))
      folded.note(mark === undefined ? 'ways in and out' : named(decoder, page, mark, mode));
    const inBlocks = next > 1 && offsets[n] < last;
    if (whole || inBlocks) folded.add(lines[n].slice(4));
  }
  return folded.lines;
}

/** Of imported functions, by name. */
function signaturesIn(lines: readonly string[]): Signatures {
  const signatures: Signatures = new Map();
  for (const line of lines) {
    const [, name] = /\(func (\S+) .*\(import /.exec(line) ?? [];
    if (name === undefined) continue;
    const count = /\(param ([^)]*)\)/.exec(line)?.[1].split(' ').length ?? 0;
    signatures.set(name, { count, result: line.includes('(result') });
  }
  return signatures;
}

function named(decoder: Decoder, page: Uint8Array, offset: number, mode: number): string {
  const instruction = decoder.decode(page, offset, mode);
  return `${hex(offset, 3)} ${disassemble(instruction, page.subarray(offset, offset + instruction.length), offset)}`;
}
