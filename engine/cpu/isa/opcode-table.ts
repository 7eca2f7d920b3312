// Turns the opcode lines into maps that the decoder indexes by opcode byte.

import { BASE, type Feature, featureNamed } from './features.ts';
import { type OperandSpec, operandSpec } from './operand-spec.ts';

export interface OpcodeRow {
  /** Its place among all rows, from 1. */
  id: number;
  mnemonic: string;
  operands: readonly string[];
  /** The operands again, taken apart. */
  specs: readonly OperandSpec[];
  prefix?: 'np' | '66' | 'f3' | 'f2';
  digit?: number;
  form?: 'm' | 'r';
  /** Whole ModRM byte, for encodings without operands (0F 01 C1 and the like). */
  modrm?: number;
  needsModrm: boolean;
  /** What CPUID must announce for it to be there. */
  feature: Feature;
}

/** Rows of one opcode byte in the order of the table: the first that fits is it. */
export type OpcodeMap = (OpcodeRow[] | undefined)[];

export interface OpcodeMaps {
  one: OpcodeMap;
  two: OpcodeMap;
  three38: OpcodeMap;
  three3a: OpcodeMap;
}

const MODRM_OPERAND = /^(E|G|M|R|S|C|D|V|W|P|Q|U|N)(b|w|d|q|v|z|y|p|x|dq|ps|pd|ss|sd|t|e|f)?$/;

function parse(line: string, maps: OpcodeMaps, id: number, feature: Feature): void {
  const [encoding = '', mnemonic = '', operandText] = line.trim().split(/\s+/);
  const parts = encoding.split('.');
  let prefix: OpcodeRow['prefix'];
  if (/^(np|66|f3|f2)$/.test(parts[0]!) && parts.length > 1) prefix = parts.shift() as OpcodeRow['prefix'];
  let map = maps.one;
  if (parts[0] === '0f' && parts.length > 1) {
    parts.shift();
    map = maps.two;
    if (parts.length > 1) map = parts.shift() === '38' ? maps.three38 : maps.three3a;
  }
  const match = /^([0-9a-f]{2})(?:\+(\d)?)?(?:\/(\d))?(?:=([0-9a-f]{2}))?(m|r)?$/.exec(parts[0]!);
  if (!match) throw new Error(`bad opcode line: ${line}`);
  const plus = parts[0]!.includes('+');
  const operands = operandText ? operandText.split(',') : [];
  const row: OpcodeRow = {
    id,
    mnemonic,
    operands,
    specs: operands.map(operandSpec),
    needsModrm: match.slice(3).some((part) => part !== undefined) || operands.some((o) => MODRM_OPERAND.test(o)),
    feature,
  };
  if (prefix) row.prefix = prefix;
  if (match[3] !== undefined) row.digit = Number(match[3]);
  if (match[4] !== undefined) row.modrm = Number.parseInt(match[4], 16);
  if (match[5] !== undefined) row.form = match[5] as 'm' | 'r';
  else if (operands.some((o) => /^M/.test(o))) row.form = 'm';
  else if (operands.some((o) => /^[UN]/.test(o))) row.form = 'r';
  const first = Number.parseInt(match[1]!, 16);
  const count = plus ? Number(match[2] ?? 8) : 1;
  for (let i = 0; i < count; i++) {
    const rows = map[first + i] ?? [];
    map[first + i] = rows;
    rows.push(row);
  }
}

export function buildMaps(...tables: string[]): OpcodeMaps {
  const empty = (): OpcodeMap => new Array<OpcodeRow[] | undefined>(256).fill(undefined);
  const maps: OpcodeMaps = { one: empty(), two: empty(), three38: empty(), three3a: empty() };
  let id = 0;
  for (const table of tables) {
    let feature: Feature = BASE;
    for (const line of table.split('\n')) {
      if (!line.trim() || line.startsWith('#')) continue;
      const needed = /^needs (\S+)$/.exec(line);
      if (needed) feature = featureNamed(needed[1]!);
      else parse(line, maps, ++id, feature);
    }
  }
  return maps;
}
