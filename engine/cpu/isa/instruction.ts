// A decoded instruction, as both backends see it.

/** Bytes: 1, 2, 4 integer; 8 MMX or 64-bit; 10 x87 extended; 16 SSE. */
export type OperandSize = number;

export interface RegisterOperand {
  kind: 'register';
  size: OperandSize;
  /** Byte offset in the CPU block; AH..BH are one byte into the slot. */
  offset: number;
}
export interface MemoryOperand {
  kind: 'memory';
  size: OperandSize;
  /** CPU-block offsets of base and index register, ZERO for none. */
  base: number;
  index: number;
  /** Shift of the index, 0..3. */
  scale: number;
  displacement: number;
  segment: number;
  addressSize: 2 | 4 | 8;
}
export interface ImmediateOperand {
  kind: 'immediate';
  size: OperandSize;
  value: number;
  /** Second part of a far pointer: the selector. */
  selector?: number;
}
/** A branch target relative to the next instruction. */
export interface RelativeOperand {
  kind: 'relative';
  size: OperandSize;
  value: number;
}
export type Operand = RegisterOperand | MemoryOperand | ImmediateOperand | RelativeOperand;

/** How memory is addressed: 'flat' needs no base and no limit check, 'segmented' both. */
export type MemoryKind = 'none' | 'flat' | 'segmented';
/** 'flat': SS flat and 32 bits; 'wide': 32-bit stack pointer with base and limit; 'narrow': 16-bit stack pointer. */
export type StackKind = 'flat' | 'wide' | 'narrow';

/** All that the code of an instruction depends on besides the values in its operands. */
export interface Instruction {
  mnemonic: string;
  /** The same number, the same code but for the values in the operands: all that follows here, packed. */
  shape: number;
  operands: readonly Operand[];
  /** Operand-size attribute: 2 or 4. */
  operandSize: 2 | 4;
  addressSize: 2 | 4;
  /** 0 none, 1 REP/REPE, 2 REPNE. */
  repeat: 0 | 1 | 2;
  /** Its read-modify-write of memory is atomic: LOCK, or XCHG with memory (SDM vol. 3 §8.1.2). */
  lock: boolean;
  /** Source segment of implicit memory operands (strings, XLAT). */
  segment: number;
  memory: MemoryKind;
  stack: StackKind;
  /** CS may end before 4 GiB: targets of branches must be checked. */
  limited: boolean;
  /** Bytes. */
  length: number;
}
