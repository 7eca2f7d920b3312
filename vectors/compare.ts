// Compares what an engine made of a vector with what the real CPU did. Node only, for tests.
import { PAGE_SIZE } from './environment.ts';
import { type Exception, memoryPages, type Registers, type Vector } from './loader.ts';

export interface Result {
  registers: Registers;
  /** The data page at this address after the run. */
  readPage: (address: number) => Uint8Array;
  /** What was raised instead of reaching the end of the code. */
  exception?: Exception;
}

export interface CompareOptions {
  /** Leaves the exception flags of MXCSR (bits 0..5) out. */
  ignoreMxcsrFlags?: boolean;
}

const GENERAL = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'];
const FLAGS: ReadonlyArray<[bit: number, name: string]> = [
  [0, 'CF'],
  [2, 'PF'],
  [4, 'AF'],
  [6, 'ZF'],
  [7, 'SF'],
  [8, 'TF'],
  [9, 'IF'],
  [10, 'DF'],
  [11, 'OF'],
  [12, 'IOPL0'],
  [13, 'IOPL1'],
  [14, 'NT'],
  [18, 'AC'],
  [21, 'ID'],
];
const ESP = 4;
const MXCSR_FLAGS = 0x3f;
/** Exceptions that push an error code. */
const WITH_ERROR_CODE = new Set([8, 10, 11, 12, 13, 14, 17]);
const PAGE_FAULT = 14;

/**
 * Instructions of many memory accesses whose order is not architectural: a page fault in their midst shows a CR2, registers
 * and stack contents that differ between processors (AMD's, recorded here, keep what was done before the fault). What every
 * processor agrees on is the fault itself, EIP and ESP.
 */
const UNORDERED_ACCESSES = /^(o16 )?(pusha|popa|enter)\b/;

/** Lines "what: engine's value, expected value"; none when all is as it should be. */
export function compareVector(vector: Vector, result: Result, options: CompareOptions = {}): string[] {
  if (vector.exception?.vector === PAGE_FAULT && vector.instructions === 1 && UNORDERED_ACCESSES.test(vector.name))
    return compareRestartable(vector, result);
  return [
    ...compareExceptions(vector.exception, result.exception),
    ...compareRegisters(vector, result.registers, options),
    ...compareMemory(vector, result),
  ];
}

/** The fault, and that the instruction can be run again. */
function compareRestartable(vector: Vector, { registers, exception }: Result): string[] {
  const lines: string[] = [];
  const check = (name: string, actual: number, expected: number) => {
    if (actual !== expected) lines.push(difference(name, hex(actual, 8), hex(expected, 8)));
  };
  check('exception', exception?.vector ?? 0, PAGE_FAULT);
  check('error code', exception?.error ?? 0, vector.exception!.error);
  check('eip', registers.eip, vector.before.eip);
  check('esp', registers.general[ESP], vector.before.general[ESP]);
  return lines;
}

/** A report on one failed vector: what ran, on what, and the differences. */
export function describeFailure(vector: Vector, differences: string[]): string {
  const code = [...vector.code].map((byte) => hex(byte, 2)).join(' ');
  const before = [...vector.before.general].map((value, i) => `${GENERAL[i]}=${hex(value, 8)}`).join(' ');
  const memory = vector.memoryBefore.map((run) => `[${hex(run.address, 8)}]=${hexBytes(run.bytes)}`).join(' ');
  return [
    `${vector.group} ${vector.index}: ${vector.name}`,
    `  code   ${code}`,
    `  before ${before} flags=${flagNames(vector.before.eflags)}`,
    ...(memory ? [`  memory ${memory}`] : []),
    ...differences.map((line) => `  ${line}`),
  ].join('\n');
}

function compareExceptions(expected: Exception | undefined, actual: Exception | undefined): string[] {
  if (!expected && !actual) return [];
  if (!expected || !actual || expected.vector !== actual.vector)
    return [difference('exception', exceptionText(actual), exceptionText(expected))];
  const differ =
    (WITH_ERROR_CODE.has(expected.vector) && expected.error !== actual.error) ||
    (expected.vector === PAGE_FAULT && expected.cr2 !== actual.cr2);
  return differ ? [difference('exception', exceptionText(actual), exceptionText(expected))] : [];
}

function exceptionText(exception: Exception | undefined): string {
  if (!exception) return 'none';
  const error = WITH_ERROR_CODE.has(exception.vector) ? ` error ${hex(exception.error, 1)}` : '';
  const cr2 = exception.vector === PAGE_FAULT ? ` cr2 ${hex(exception.cr2, 8)}` : '';
  return `#${exception.vector}${error}${cr2}`;
}

function compareRegisters(vector: Vector, actual: Registers, options: CompareOptions): string[] {
  const expected = vector.after;
  const lines: string[] = [];
  const check = (name: string, a: number, b: number) => {
    if (a !== b) lines.push(difference(name, hex(a, 8), hex(b, 8)));
  };
  GENERAL.forEach((name, i) => {
    check(name, actual.general[i], expected.general[i]);
  });
  check('eip', actual.eip, expected.eip);
  const mask = vector.flagsMask;
  if ((actual.eflags & mask) !== (expected.eflags & mask))
    lines.push(difference('flags', flagNames(actual.eflags & mask), flagNames(expected.eflags & mask)));
  if (!vector.simd) return lines;
  const ignored = options.ignoreMxcsrFlags ? MXCSR_FLAGS : 0;
  check('mxcsr', actual.mxcsr & ~ignored, expected.mxcsr & ~ignored);
  for (let i = 0; i < 8; i++) {
    if (actual.mm[i] !== expected.mm[i])
      lines.push(difference(`mm${i}`, actual.mm[i].toString(16), expected.mm[i].toString(16)));
    const a = hexBytes(actual.xmm.subarray(i * 16, i * 16 + 16));
    const b = hexBytes(expected.xmm.subarray(i * 16, i * 16 + 16));
    if (a !== b) lines.push(difference(`xmm${i} (from its lowest byte)`, a, b));
  }
  return lines;
}

function compareMemory(vector: Vector, result: Result): string[] {
  const lines: string[] = [];
  for (const [address, expected] of memoryPages(vector, 'after')) {
    const actual = result.readPage(address);
    if (Buffer.compare(actual, expected) === 0) continue;
    let at = 0;
    while (at < PAGE_SIZE) {
      if (actual[at] === expected[at]) {
        at++;
        continue;
      }
      let end = at + 1;
      while (end < PAGE_SIZE && end - at < 16 && actual[end] !== expected[end]) end++;
      lines.push(
        difference(
          `[${hex(address + at, 8)}]`,
          hexBytes(actual.subarray(at, end)),
          hexBytes(expected.subarray(at, end)),
        ),
      );
      at = end;
    }
  }
  return lines;
}

function difference(what: string, actual: string, expected: string): string {
  return `${what}: ${actual}, expected ${expected}`;
}

function flagNames(eflags: number): string {
  const names = FLAGS.filter(([bit]) => (eflags >>> bit) & 1).map(([, name]) => name);
  return names.length > 0 ? names.join(' ') : 'none';
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, '0');
}

function hexBytes(bytes: Uint8Array): string {
  return [...bytes].map((byte) => hex(byte, 2)).join('');
}
