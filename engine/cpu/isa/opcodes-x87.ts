// x87, EMMS and FXSAVE as lines of the opcode table, from the rows of x87-api.ts; the form of the lines is that of
// opcodes-integer.ts.

import { type FpuFunction, X87_OPCODES, type X87Memory, type X87Row } from '../abi/x87-api.ts';

/** Name of a row's definition: one for each row, since each is a call of its own. */
export function x87Mnemonic(row: X87Row): string {
  const rm = row.rm === undefined ? '' : `.${row.rm}`;
  return `${row.mnemonic}:${row.opcode.toString(16)}${row.form === 'mem' ? 'm' : 'r'}${row.digit}${rm}`;
}

const SIZE_LETTERS: Record<number, string> = { 2: 'w', 4: 'd', 8: 'q' };

function memoryOperand(memory: X87Memory | undefined, result: X87Row['result']): string {
  if (result === 'm16') return 'Mw';
  return `M${typeof memory?.bytes === 'number' ? (SIZE_LETTERS[memory.bytes] ?? '') : ''}`;
}

function line(row: X87Row): string {
  const opcode = row.opcode.toString(16);
  if (row.form === 'mem') return `${opcode}/${row.digit} ${x87Mnemonic(row)} ${memoryOperand(row.memory, row.result)}`;
  if (row.rm !== undefined) return `${opcode}=${(0xc0 | (row.digit << 3) | row.rm).toString(16)} ${x87Mnemonic(row)}`;
  return `${opcode}/${row.digit}r ${x87Mnemonic(row)} STi`;
}

/** Those that came with CMOVcc. */
const SINCE_CMOV: ReadonlySet<FpuFunction> = new Set(['fpu_cmov', 'fpu_compare_flags']);
/** FISTTP: the truncating stores. */
function isTruncating({ mnemonic }: X87Row): boolean {
  return mnemonic === 'FISTTP';
}

function linesOf(feature: string, rows: readonly X87Row[]): string {
  return [`needs ${feature}`, ...rows.map(line)].join('\n');
}

/** Lines of the opcode table for D8..DF. */
export const X87_OPCODE_LINES = [
  linesOf(
    'FPU',
    X87_OPCODES.filter((row) => !SINCE_CMOV.has(row.call) && !isTruncating(row)),
  ),
  linesOf(
    'CMOV',
    X87_OPCODES.filter((row) => SINCE_CMOV.has(row.call)),
  ),
  linesOf('SSE3', X87_OPCODES.filter(isTruncating)),
].join('\n');

export const FPU_STATE_OPCODES = `
needs MMX
np.0f.77 EMMS
needs FXSR
np.0f.ae/0m FXSAVE M
np.0f.ae/1m FXRSTOR M
`;
