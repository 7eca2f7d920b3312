// A CPU block with nothing but its x87 part and a little guest memory, not paged: runs x87 instructions through X87_OPCODES
// the way the decoder does, over an instance of the monitor.
//
// Machine memory: 0x20000 CPU block, 0x40000 p2m, 0x41000 code map, 0x80000.. guest memory. Guest-physical and linear addresses
// equal machine addresses; only the guest pages from OPERAND on exist.

import { onlyRam } from '../../engine/base/memory-window.ts';
import {
  A20_MASK,
  CODE_MAP,
  CPU_BLOCK_SIZE,
  EXC_VECTOR,
  F_A,
  F_KIND,
  F_R,
  FAULT,
  FPR,
  FPU_CW,
  FPU_SW,
  FPU_TAG,
  FPU_TOP,
  MEM_PAGES,
  P2M,
  P2M_PRESENT,
  TLB_CURRENT,
  TLB_ENTRIES,
  TLB_ENTRY_SIZE,
  TLB_INVALID,
  TLB_READ_TAG,
  TLB_SUPERVISOR,
  TLB_WRITE_TAG,
} from '../../engine/cpu/abi/layout.ts';
import { storeMemoryMap } from '../../engine/cpu/abi/memory-windows.ts';
import { may } from '../../engine/cpu/abi/monitor-functions.ts';
import { type FpuFunction, X87_OPCODES, type X87Row } from '../../engine/cpu/abi/x87-api.ts';
import type { Extended, Vector } from './reader.ts';

/** Linear address of the memory operand and of the first guest page. */
export const OPERAND = 0x80000;
const GUEST_PAGES = 16;
const CPU = 0x20000;
const P2M_TABLE = 0x60000;
const CODE_MAP_TABLE = 0x61000;

/** Not a kind of lazy flags: shows whether an instruction has written them. */
const UNTOUCHED = 0xff;

const CF = 0x01;
const PF = 0x04;
const AF = 0x10;
const ZF = 0x40;
const SF = 0x80;

/** The state behind an instruction. */
export interface Outcome {
  /** With TOP. */
  statusWord: number;
  /** As FNSAVE shows it. */
  tagWord: number;
  /** CF PF AF ZF SF */
  eflags: number;
  /** By physical number. */
  registers: Extended[];
  operand: Uint8Array;
}

type Call = (...args: (number | bigint)[]) => number;

const rows = new Map<number, X87Row>();

function findRow(opcode: number, modrm: number): X87Row {
  const form = modrm >= 0xc0 ? 'reg' : 'mem';
  const digit = (modrm >> 3) & 7;
  const matches = X87_OPCODES.filter((row) => row.opcode === opcode && row.form === form && row.digit === digit);
  const row = matches.find((candidate) => candidate.rm === undefined || candidate.rm === (modrm & 7));
  if (!row) throw new Error(`no row for ${opcode.toString(16)} ${modrm.toString(16)}`);
  return row;
}

/** The row of an encoding; throws if it has none. */
export function rowOf(opcode: number, modrm: number): X87Row {
  const key = (opcode << 8) | modrm;
  const row = rows.get(key) ?? findRow(opcode, modrm);
  rows.set(key, row);
  return row;
}

export class X87Machine {
  readonly #memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  readonly #exports: Record<FpuFunction, Call>;
  /** All of machine memory; guest addresses count as they are. */
  readonly view = new DataView(this.#memory.buffer);

  constructor(module: WebAssembly.Module) {
    const imports: WebAssembly.Imports = { env: { memory: this.#memory } };
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      imports[from] ??= {};
      if (kind === 'function') imports[from][name] = () => 0;
      if (kind === 'table') imports[from][name] = new WebAssembly.Table({ element: 'anyfunc', initial: 16 });
    }
    this.#exports = new WebAssembly.Instance(module, imports).exports as unknown as Record<FpuFunction, Call>;
    this.reset();
  }

  /** The CPU block all zero but for what memory access needs; guest memory all zero. */
  reset(): void {
    new Uint8Array(this.#memory.buffer, CPU, CPU_BLOCK_SIZE).fill(0);
    this.bytes(OPERAND, GUEST_PAGES << 12).fill(0);
    for (let page = OPERAND >> 12; page < (OPERAND >> 12) + GUEST_PAGES; page++) {
      this.view.setUint32(P2M_TABLE + 4 * page, (page << 12) | P2M_PRESENT, true);
    }
    this.set32(P2M, P2M_TABLE);
    storeMemoryMap((offset, value) => this.set32(offset, value), onlyRam((OPERAND >> 12) + GUEST_PAGES));
    this.set32(CODE_MAP, CODE_MAP_TABLE);
    this.set32(MEM_PAGES, (OPERAND >> 12) + GUEST_PAGES);
    this.set32(A20_MASK, 0xffffffff);
    this.set32(F_KIND, UNTOUCHED);
    this.set32(TLB_CURRENT, TLB_SUPERVISOR);
    this.flushTlb();
    this.call('fpu_init');
  }

  flushTlb(): void {
    for (let n = 0; n < TLB_ENTRIES; n++) {
      this.set32(TLB_SUPERVISOR + n * TLB_ENTRY_SIZE + TLB_READ_TAG, TLB_INVALID);
      this.set32(TLB_SUPERVISOR + n * TLB_ENTRY_SIZE + TLB_WRITE_TAG, TLB_INVALID);
    }
  }

  get32(field: number): number {
    return this.view.getUint32(CPU + field, true);
  }

  set32(field: number, value: number): void {
    this.view.setUint32(CPU + field, value, true);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  call(name: FpuFunction, ...args: (number | bigint)[]): number {
    return this.#exports[name](CPU, ...args);
  }

  /** Vector of the exception that `action` raised, undefined if none. */
  faultOf(action: () => void): number | undefined {
    this.set32(FAULT, 0);
    action();
    return this.get32(FAULT) ? this.get32(EXC_VECTOR) : undefined;
  }

  register(physical: number): Extended {
    const slot = CPU + FPR + 16 * physical;
    return { significand: this.view.getBigUint64(slot, true), signExponent: this.view.getUint16(slot + 8, true) };
  }

  setRegister(physical: number, { significand, signExponent }: Extended): void {
    const slot = CPU + FPR + 16 * physical;
    this.view.setBigUint64(slot, significand, true);
    this.view.setUint16(slot + 8, signExponent, true);
  }

  /** Status word with TOP, as FNSTSW gives it. */
  statusWord(): number {
    return this.call('fpu_stsw');
  }

  /**
   * Runs one instruction.
   * @param linear address of its memory operand, if it has one
   * @param operandSize in bytes, for FLDENV and the like
   * @returns the vector of the exception it raised, undefined if none
   */
  execute(opcode: number, modrm: number, linear = OPERAND, eflags = 0, operandSize = 4): number | undefined {
    const row = rowOf(opcode, modrm);
    const trapped = this.faultOf(() => this.call(row.check));
    if (trapped !== undefined) return trapped;
    const args: (number | bigint)[] = row.args.map((arg) =>
      arg === 'i' ? modrm & 7 : arg === 'size' ? operandSize : arg,
    );
    if (row.memory?.access === 'load') args.push(...this.#loadOperand(linear, row.memory.bytes as number));
    else if (row.memory) args.push(linear);
    if (row.condition !== undefined) args.push(holds(row.condition, eflags) ? 1 : 0);
    return this.faultOf(() => {
      const result = this.call(row.call, ...args);
      if (row.result === 'm16') this.view.setUint16(linear, result, true);
    });
  }

  #loadOperand(linear: number, bytes: number): (number | bigint)[] {
    if (bytes === 2) return [this.view.getInt16(linear, true)];
    if (bytes === 4) return [this.view.getInt32(linear, true)];
    const low = this.view.getBigInt64(linear, true);
    return bytes === 8 ? [low] : [low, this.view.getUint16(linear + 8, true)];
  }

  /** The outcome of a vector's instruction from the vector's state. */
  run(opcode: number, modrm: number, vector: Vector): Outcome {
    this.set32(FPU_CW, vector.controlWord);
    this.set32(FPU_SW, 0);
    this.set32(FPU_TOP, vector.top);
    this.set32(FPU_TAG, vector.empty);
    vector.registers.forEach((value, n) => {
      this.setRegister(n, value);
    });
    const operand = this.bytes(OPERAND, vector.operand.length);
    operand.set(vector.operand);
    this.execute(opcode, modrm, OPERAND, vector.eflags);
    const writesFlags = may(rowOf(opcode, modrm).call, 'writes flags');
    const registers = vector.registers.map((_, n) => this.register(n));
    const empty = this.get32(FPU_TAG);
    return {
      statusWord: this.statusWord(),
      tagWord: registers.reduce((word, v, n) => word | (tagOf(v, ((empty >> n) & 1) !== 0) << (2 * n)), 0),
      eflags: writesFlags ? this.#writtenFlags(vector.eflags) : vector.eflags,
      registers,
      operand: operand.slice(),
    };
  }

  /** The arithmetic flags; `before` if the instruction has not written them. */
  #writtenFlags(before: number): number {
    if (this.get32(F_KIND) === UNTOUCHED) return before;
    this.set32(F_KIND, UNTOUCHED);
    return this.eflags();
  }

  /** Arithmetic flags but OF of the canonical lazy form. */
  eflags(): number {
    const result = this.get32(F_R) | 0;
    const aux = this.get32(F_A);
    let parity = (result ^ (aux >>> 8)) & 0xff;
    parity ^= parity >> 4;
    parity ^= parity >> 2;
    parity ^= parity >> 1;
    const negative = (result < 0 ? 1 : 0) ^ (aux & 1);
    return (
      (aux >>> 31 ? CF : 0) | (parity & 1 ? 0 : PF) | (aux & 8 ? AF : 0) | (result === 0 ? ZF : 0) | (negative ? SF : 0)
    );
  }
}

/** FNSAVE's two tag bits. */
function tagOf({ significand, signExponent }: Extended, empty: boolean): number {
  if (empty) return 3;
  const exponent = signExponent & 0x7fff;
  if (exponent === 0 && significand === 0n) return 1;
  return exponent === 0 || exponent === 0x7fff || significand >> 63n === 0n ? 2 : 0;
}

/** Condition code of Jcc on CF, PF, ZF. */
function holds(condition: number, eflags: number): boolean {
  const tests: Record<number, number> = { 2: CF, 4: ZF, 6: CF | ZF, 10: PF };
  return ((eflags & tests[condition & ~1]) !== 0) !== ((condition & 1) !== 0);
}
