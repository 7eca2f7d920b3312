import { describe, expect, it } from 'vitest';
import { compareVector, describeFailure, type Result } from './compare.ts';
import { DATA_PAGES, PAGE_SIZE } from './environment.ts';
import { loadVectors, memoryPages, parseVectors, type Vector, VectorFormatError, vectorGroups } from './loader.ts';

/** What the CPU itself left, as an engine would report it. */
function perfectResult(vector: Vector): Result {
  const pages = memoryPages(vector, 'after');
  return {
    registers: {
      ...vector.after,
      general: vector.after.general.slice(),
      mm: vector.after.mm.slice(),
      xmm: vector.after.xmm.slice(),
    },
    readPage: (address) => pages.get(address)!,
    exception: vector.exception,
  };
}

function find(group: string, name: RegExp, accept: (vector: Vector) => boolean = () => true): Vector {
  for (const vector of loadVectors(group)) if (name.test(vector.name) && accept(vector)) return vector;
  throw new Error(`no ${name} in ${group}`);
}

describe('the vector files', () => {
  it.each(vectorGroups())('%s is complete and agrees with itself', (group) => {
    const wrong: string[] = [];
    let count = 0;
    for (const vector of loadVectors(group)) {
      count++;
      if (vector.instructions < 1 || vector.code.length < 1) wrong.push(`${vector.name}: no code`);
      if (count % 20 === 0) wrong.push(...compareVector(vector, perfectResult(vector)));
    }
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThanOrEqual(1000);
  });

  it('record what an ADD of 32-bit registers does', () => {
    const vector = find('arithmetic', /^add eax, ecx$/);
    const sum = (vector.before.general[0] + vector.before.general[1]) >>> 0;
    expect(vector.after.general[0]).toBe(sum);
    expect(vector.after.eip).toBe(vector.before.eip + 2);
    expect(vector.after.eflags & 0x80).toBe((sum >>> 31) << 7);
  });

  it('rebuild memory operands: MOV r32, [moffs] reads what the page held', () => {
    const vector = find('move', /^mov eax, dword/, (v) => v.code[0] === 0xa1 && !v.exception);
    const address = new DataView(vector.code.slice(1, 5).buffer).getUint32(0, true);
    const page = memoryPages(vector, 'before').get(address & ~(PAGE_SIZE - 1))!;
    const inPage = address % PAGE_SIZE;
    expect(inPage).toBeLessThanOrEqual(PAGE_SIZE - 4);
    expect(vector.after.general[0]).toBe(new DataView(page.buffer, page.byteOffset).getUint32(inPage, true));
  });

  it('record page faults with error code and CR2', () => {
    const vector = find('move', /^mov (byte|word|dword) \[/, (v) => v.exception?.vector === 14);
    expect(vector.exception!.error & 4).toBe(4);
    expect(vector.exception!.cr2).toBeGreaterThan(0);
    expect(vector.after.eip).toBe(vector.before.eip);
  });

  it('record SIMD registers: PADDD adds each half of an MMX register by itself', () => {
    const vector = find('mmx', /^paddd mm0, mm1$/);
    const [a, b] = vector.before.mm;
    const low = (a + b) & 0xffffffffn;
    const high = ((a >> 32n) + (b >> 32n)) & 0xffffffffn;
    expect(vector.after.mm[0]).toBe((high << 32n) | low);
  });

  it('record SIMD registers: MULPD multiplies doubles', () => {
    const doubles = (xmm: Uint8Array, n: number) => new Float64Array(xmm.slice(n * 16, n * 16 + 16).buffer);
    const finite = (v: Vector) => doubles(v.after.xmm, 0).every(Number.isFinite);
    const vector = find('sse-float', /^mulpd xmm0, xmm2$/, finite);
    const [a, b] = [doubles(vector.before.xmm, 0), doubles(vector.before.xmm, 2)];
    expect([...doubles(vector.after.xmm, 0)]).toEqual([a[0] * b[0], a[1] * b[1]]);
  });

  it('leave out the flags that an instruction does not define', () => {
    const and = find('arithmetic', /^and eax,/, (v) => !v.exception);
    expect(and.flagsMask & 0x10).toBe(0);
    expect(and.flagsMask & 0x8c5).toBe(0x8c5);
  });
});

describe('compareVector', () => {
  const vector = find('arithmetic', /^add dword \[/, (v) => !v.exception && v.memoryChanges.length > 0);

  it('names a wrong register, flag and memory byte', () => {
    const result = perfectResult(vector);
    result.registers.general[6] ^= 1;
    result.registers.eflags ^= 1;
    const { address } = vector.memoryChanges[0];
    const base = address - (address % PAGE_SIZE);
    const wrong = result.readPage(base).slice();
    wrong[address - base] ^= 0xff;
    const differences = compareVector(vector, {
      ...result,
      readPage: (page) => (page === base ? wrong : result.readPage(page)),
    });
    expect(differences.map((line) => line.split(':')[0])).toEqual([
      'esi',
      'flags',
      `[${address.toString(16).padStart(8, '0')}]`,
    ]);
    expect(describeFailure(vector, differences)).toContain(vector.name);
  });

  it('sees a missing, an unexpected and a different exception', () => {
    const faulting = find('move', /^mov/, (v) => v.exception?.vector === 14);
    const compare = (v: Vector, exception: Vector['exception']) =>
      compareVector(v, { ...perfectResult(v), exception }).length;
    expect(compare(faulting, undefined)).toBe(1);
    expect(compare(vector, faulting.exception)).toBe(1);
    expect(compare(faulting, { ...faulting.exception!, error: faulting.exception!.error ^ 2 })).toBe(1);
    expect(compare(faulting, { ...faulting.exception!, cr2: 0x1234 })).toBe(1);
  });

  it('names wrong SIMD registers, and leaves the exception flags of MXCSR out on request', () => {
    const simd = find('sse-float', /^addps/);
    const result = perfectResult(simd);
    result.registers.xmm[33] ^= 1;
    result.registers.mm[5] ^= 1n;
    result.registers.mxcsr ^= 0x20;
    const names = (lines: string[]) => lines.map((line) => line.split(/[ :]/)[0]);
    expect(names(compareVector(simd, result))).toEqual(['mxcsr', 'xmm2', 'mm5']);
    expect(names(compareVector(simd, result, { ignoreMxcsrFlags: true }))).toEqual(['xmm2', 'mm5']);
  });

  it('does not compare undefined flags', () => {
    const and = find('arithmetic', /^and eax,/, (v) => !v.exception);
    const result = perfectResult(and);
    result.registers.eflags ^= 0x10;
    expect(compareVector(and, result)).toEqual([]);
  });
});

describe('parseVectors', () => {
  it('refuses what is not a vector file', () => {
    expect(() => [...parseVectors(new TextEncoder().encode('ELF?xxxxxxxxxxxx'))]).toThrow(VectorFormatError);
    expect(() => [...parseVectors(new TextEncoder().encode('TVEC'))]).toThrow(VectorFormatError);
  });

  it('finds all memory of the vectors in the data pages', () => {
    const bases = new Set(DATA_PAGES.map(({ address }) => address));
    const outside = [...loadVectors('move')]
      .flatMap((vector) => [...vector.memoryBefore, ...vector.memoryChanges])
      .filter(({ address }) => !bases.has(address - (address % PAGE_SIZE)));
    expect(outside).toEqual([]);
  });
});
