import { describe, expect, it } from 'vitest';
import { definitionOf } from '../semantics/index.ts';
import { buildMaps, type OpcodeRow } from './opcode-table.ts';
import { INTEGER_OPCODES } from './opcodes-integer.ts';
import { SIMD_OPCODES } from './opcodes-simd.ts';

function row(line: string): OpcodeRow {
  const { one, two, three38, three3a } = buildMaps(line);
  const rows = [one, two, three38, three3a].flatMap((map) => map.filter((entry) => entry !== undefined).flat());
  return rows[0]!;
}

describe('buildMaps', () => {
  it('puts a line into the map that its escape names', () => {
    const maps = buildMaps('27 DAA\n0f.a2 CPUID\n66.0f.38.00 PSHUFB Vdq,Wdq\n66.0f.3a.0f PALIGNR Vdq,Wdq,Ib');
    expect(maps.one[0x27]![0]!.mnemonic).toBe('DAA');
    expect(maps.two[0xa2]![0]!.mnemonic).toBe('CPUID');
    expect(maps.three38[0]![0]).toMatchObject({ mnemonic: 'PSHUFB', prefix: '66', operands: ['Vdq', 'Wdq'] });
    expect(maps.three3a[0x0f]![0]!.mnemonic).toBe('PALIGNR');
    expect(maps.one[0xa2]).toBeUndefined();
  });

  it('spreads + over eight opcodes, or over as many as it says', () => {
    const maps = buildMaps('50+ PUSH Zv\n91+7 XCHG Zv,eAX');
    const filled = maps.one.flatMap((rows, opcode) => (rows ? [opcode] : []));
    expect(filled).toEqual([
      ...Array.from({ length: 8 }, (_, n) => 0x50 + n),
      ...Array.from({ length: 7 }, (_, n) => 0x91 + n),
    ]);
  });

  it('keeps rows of one opcode in the order of the lines', () => {
    const maps = buildMaps('f3.90 PAUSE\n90 NOP');
    expect(maps.one[0x90]!.map(({ mnemonic }) => mnemonic)).toEqual(['PAUSE', 'NOP']);
  });

  it('reads digit, form and whole ModRM byte', () => {
    expect(row('ff/3m CALLFM Mp')).toMatchObject({ digit: 3, form: 'm', needsModrm: true });
    expect(row('8cr MOVFROMSEG Ev,Sw')).toMatchObject({ form: 'r' });
    expect(row('0f.01=d0 XGETBV')).toMatchObject({ modrm: 0xd0, needsModrm: true, operands: [] });
  });

  it('knows from the operands whether there is a ModRM byte, and of which form', () => {
    expect(row('01 ADD Ev,Gv').needsModrm).toBe(true);
    expect(row('01 ADD Ev,Gv').form).toBeUndefined();
    expect(row('8d LEA Gv,M').form).toBe('m');
    expect(row('0f.d7 PMOVMSKB Gd,Nq').form).toBe('r');
    expect(row('b8+ MOV Zv,Iv').needsModrm).toBe(false);
    expect(row('a1 MOV eAX,Ov').needsModrm).toBe(false);
    expect(row('e8 CALL Jz').needsModrm).toBe(false);
  });

  it('skips empty lines and comments, and names a line it cannot read', () => {
    expect(row('\n# a comment\n\n90 NOP\n').mnemonic).toBe('NOP');
    expect(() => buildMaps('9 NOP')).toThrow('9 NOP');
    expect(() => buildMaps('0f.zz NOP')).toThrow('0f.zz NOP');
  });
});

describe('the tables of the machine', () => {
  const maps = buildMaps(INTEGER_OPCODES, SIMD_OPCODES);
  const opcodes = Object.values(maps).flatMap((map: (OpcodeRow[] | undefined)[]) =>
    map.filter((rows) => rows !== undefined),
  );

  it('name only instructions that are defined', () => {
    const undefinedNames = opcodes.flat().filter(({ mnemonic }) => !definitionOf(mnemonic));
    expect(undefinedNames.map(({ mnemonic }) => mnemonic)).toEqual([]);
    expect(opcodes.length).toBeGreaterThan(300);
  });

  it('agree within an opcode on whether a ModRM byte follows', () => {
    const mixed = opcodes.filter((rows) => rows.some(({ needsModrm }) => needsModrm !== rows[0]!.needsModrm));
    expect(mixed).toEqual([]);
  });

  it('have no row that an earlier one hides', () => {
    const covers = (a: OpcodeRow, b: OpcodeRow): boolean =>
      (['prefix', 'digit', 'form', 'modrm'] as const).every((key) => a[key] === undefined || a[key] === b[key]);
    const hidden = opcodes.flatMap((rows) =>
      rows.filter((later, index) => rows.slice(0, index).some((earlier) => covers(earlier, later))),
    );
    expect(hidden).toEqual([]);
  });
});
