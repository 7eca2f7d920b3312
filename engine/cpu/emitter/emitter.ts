// What the semantics of an instruction is written against. Two backends implement it: the interpreter (operands come from
// a decoded record, registers live in the CPU block) and the translator (operands are known, registers live in locals).
//
// Rules for semantics:
// - Everything that may fault comes before the first change of a register or flag, so that a fault leaves the state as it
//   was before the instruction. `modify` reads memory with the right to write it, so its `commit` cannot fault. An operand of
//   several parts is probed as a whole (mem_probe) before the first part is written.
// - Values that `read`, `modify`, `load`, `register` give are kept: they do not change when the register is written.
// - Operands of 8 and 16 bits are zero-extended i32; what is written may have any bits above its size.

import * as L from '../abi/layout.ts';
import type { AnyMonitorFunction } from '../abi/monitor-functions.ts';
import type { Instruction } from '../isa/instruction.ts';
import type { Body } from '../wasm/body.ts';
import type { Value } from '../wasm/value.ts';
import type { BlockFacts } from './block-facts.ts';
import type { Condition, FlagOperation } from './flag-formulas.ts';
import type { MemoryAccess, Modification } from './memory-access.ts';
import type { X87Stack } from './x87-stack.ts';

/** Vector of #GP. */
const GENERAL_PROTECTION = 13;

export abstract class Emitter {
  readonly body: Body;
  readonly cpu: Value;
  instruction!: Instruction;
  /** Of the memory operand that `modify` has read. */
  #modification: Modification | undefined;

  constructor(body: Body) {
    this.body = body;
    this.cpu = body.get(0);
  }

  // ---- What the backends supply

  abstract readonly memory: MemoryAccess;
  abstract readonly facts: BlockFacts;

  /** Kept value of a register slot; `offset` may be a value read from a record. */
  protected abstract readRegister(operand: number, size: number): Value;
  protected abstract writeRegister(operand: number, size: number, value: Value): void;
  /** Immediate of the instruction, as i32. */
  abstract immediate(): Value;
  /** Selector of a far-pointer immediate. */
  abstract farSelector(): Value;
  /** Register by its CPU-block offset, known at build time. */
  abstract register(offset: number, size: number): Value;
  abstract setRegister(offset: number, size: number, value: Value): void;
  /** Base + index << scale + displacement (+ `displace` bytes), cut to the address size; without segment base. */
  abstract effectiveAddress(operand: number, displace?: Value): Value;
  /** Adds the segment's base after the limit check. `segment` is a segment number. */
  protected abstract segmented(offset: Value, segment: Value, size: number, write: boolean): Value;
  protected abstract operandSegment(operand: number): Value;
  /** Calls a monitor function, whose results come through `monitorValue`. Checks for a fault afterwards. */
  abstract monitor(name: AnyMonitorFunction, ...operands: Value[]): void;
  abstract monitorValue(name: AnyMonitorFunction, ...operands: Value[]): Value;
  /** A call of a monitor function without effects: it changes nothing but FPU_RESULT. */
  abstract pure(name: AnyMonitorFunction, ...operands: Value[]): Value;
  /**
   * What the monitor function does if it can, then giving something else than 0; otherwise it has changed nothing, and `general` is done. A
   * backend may have `general` done always, or elsewhere.
   */
  abstract quickly(name: AnyMonitorFunction, operands: readonly Value[], general: () => void): void;
  /** An x87 instruction: its common case, which may turn to the general one before it has changed anything. */
  abstract x87(common: (stack: X87Stack) => void, general: () => void): void;
  /** Raises an exception, with error code 0 if it has one. */
  abstract exception(vector: number, hasError?: boolean): void;
  /** Address of this instruction, and of the next one. */
  abstract address(): Value;
  abstract next(): Value;
  /** Target of a relative branch. */
  abstract target(): Value;
  abstract jump(target: Value): void;
  abstract jumpIf(condition: Value): void;
  /** Ends the block after a monitor function that may have changed the mode, or set RIP itself (`moved`). */
  abstract endBlock(moved: boolean): void;
  /** The string instruction has more iterations to do: stay at this instruction. */
  abstract again(condition: Value): void;
  /** Kept canonical flags. */
  abstract aux(): Value;
  abstract result(): Value;
  abstract setFlags(operation: FlagOperation, size: number, a: Value, b: Value, r: Value): void;
  /** The monitor has put canonical flags into the CPU block. */
  abstract flagsFromBlock(): void;
  abstract setCanonical(result: Value, aux: Value): void;
  /** Changes the flags only if the condition holds. */
  abstract setCanonicalIf(condition: Value, result: Value, aux: Value): void;
  abstract condition(condition: Condition): Value;
  /** 0 or 1. */
  abstract carry(): Value;
  /** Raises an exception by a monitor function if the condition holds, which it hardly ever does. */
  abstract raiseIf(condition: Value, name: AnyMonitorFunction): void;
  /** Before code that looks at x87 or MMX state in the CPU block itself: a backend that keeps some elsewhere puts it there. */
  abstract settleX87(): void;
  /** Records where the last x87 instruction stands and, if it has one, the offset of its memory operand. */
  abstract x87Pointers(operand?: Value): void;
  /** Segment number of the source of string instructions and XLAT. */
  abstract segmentOfStrings(): Value;

  // ---- Shared by both

  i32(value: number): Value {
    return this.body.i32(value);
  }

  keep(value: Value): Value {
    return this.body.keep(value);
  }

  size(operand = 0): number {
    return this.instruction.operands[operand]!.size;
  }

  isMemory(operand: number): boolean {
    return this.instruction.operands[operand]!.kind === 'memory';
  }

  /** Linear address of a memory operand, plus `displace` bytes, after the segment check. */
  linear(operand: number, size: number, write: boolean, displace?: Value): Value {
    const offset = this.keep(this.effectiveAddress(operand, displace));
    if (this.instruction.memory === 'flat') return offset;
    return this.segmented(offset, this.operandSegment(operand), size, write);
  }

  /** Linear address of a memory operand that is not accessed (INVLPG): no limit check. */
  linearUnchecked(operand: number): Value {
    const offset = this.effectiveAddress(operand);
    if (this.instruction.memory === 'flat') return this.keep(offset);
    return this.keep(offset.add(this.segmentField(this.operandSegment(operand), L.SEG_BASE)));
  }

  /** Linear address of an implicit memory operand in the instruction's source segment. */
  implicitLinear(offset: Value, size: number, write = false): Value {
    return this.segmented(this.keep(offset), this.segmentOfStrings(), size, write);
  }

  /** Linear address of a memory operand as if ESP were `size` higher already (POP to memory). */
  linearAfterPop(operand: number, size: number): Value {
    const { stack } = this.instruction;
    const before = this.register(L.RSP, 4);
    const mask = stack === 'narrow' ? 0xffff : -1;
    const after = this.keep(before.and(~mask).or(before.add(size).and(mask)));
    // The pop is undone before the store can fault: only the address takes part.
    this.setRegister(L.RSP, 4, after);
    const offset = this.keep(this.effectiveAddress(operand));
    this.setRegister(L.RSP, 4, before);
    if (this.instruction.memory === 'flat') return offset;
    return this.segmented(offset, this.operandSegment(operand), size, true);
  }

  /** Like `read` of a memory operand, `displace` bytes further. */
  readDisplaced(operand: number, displace?: Value): Value {
    if (!this.isMemory(operand)) return this.read(operand);
    const size = this.size(operand);
    return this.load(size, this.linear(operand, size, false, displace));
  }

  /** A far pointer in memory. */
  farPointer(operand: number): { offset: Value; selector: Value } {
    const size = this.instruction.operandSize;
    const linear = this.linear(operand, size + 2, false);
    const offset = this.load(size, linear);
    return { offset, selector: this.load(2, this.keep(linear.add(size))) };
  }

  /** A 32-bit field of the cache of segment number `segment`. */
  segmentField(segment: Value, field: number): Value {
    return this.body.load(4, this.cpu.add(segment.mul(L.SEG_SIZE)), L.SEG + field);
  }

  segmentSelector(segment: Value): Value {
    return this.segmentField(segment, L.SEG_SELECTOR);
  }

  /** Number of a segment, control or debug register operand. */
  segmentOperand(_operand: number): Value {
    return this.immediate();
  }

  /** #UD in real and virtual-8086 mode. */
  protectedModeOnly(): void {
    this.body.if(this.body.load(4, this.cpu, L.MODE).and(L.MODE_REAL), () => this.exception(6));
  }

  /** Value of operand n: register, memory (size 1, 2, 4: i32; 8: i64; 16: v128) or immediate. */
  read(operand: number): Value {
    const specification = this.instruction.operands[operand]!;
    switch (specification.kind) {
      case 'register':
        return this.readRegister(operand, specification.size);
      case 'memory':
        return this.load(specification.size, this.linear(operand, specification.size, false));
      case 'immediate':
        return this.immediate().zeroExtend(specification.size);
      case 'relative':
        return this.target();
    }
  }

  write(operand: number, value: Value): void {
    const specification = this.instruction.operands[operand]!;
    if (specification.kind === 'register') this.writeRegister(operand, specification.size, value);
    else {
      const kept = this.keep(value);
      this.store(specification.size, this.linear(operand, specification.size, true), kept);
    }
  }

  /** All 16 bytes of the slot of a register operand, whatever the operand's size; kept. */
  readSlot(operand: number): Value {
    return this.readRegister(operand, 16);
  }

  /** A memory operand of 4 or 8 bytes in lane 0 of a vector, zeros above; kept. */
  readLow(operand: number): Value {
    const size = this.size(operand);
    return this.memory.loadLow(size, this.linear(operand, size, false));
  }

  /** Writes lane 0 of a kept vector to a memory operand of 4 or 8 bytes. */
  writeLow(operand: number, vector: Value): void {
    const size = this.size(operand);
    this.memory.storeLow(size, this.linear(operand, size, true), vector);
  }

  /** Writes all 16 bytes of the slot of a register operand, whatever the operand's size. */
  writeSlot(operand: number, vector: Value): void {
    this.writeRegister(operand, 16, vector);
  }

  /** Reads operand n with the right to write it back by `commit`. */
  modify(operand: number, displace?: Value): Value {
    const specification = this.instruction.operands[operand]!;
    if (specification.kind === 'register') {
      this.#modification = undefined;
      return this.readRegister(operand, specification.size);
    }
    const { size } = specification;
    this.#modification = this.memory.modify(size, this.linear(operand, size, true, displace), this.instruction.lock);
    return this.#modification.value;
  }

  /**
   * Writes what `modify` has read. `others` changes other registers: behind a write to memory, which may start the instruction
   * again under LOCK, but in front of a write to a register, which may be one of them.
   */
  commit(operand: number, value: Value, others: () => void = () => {}): void {
    if (this.#modification) {
      this.#modification.commit(value);
      others();
    } else {
      others();
      this.writeRegister(operand, this.size(operand), value);
    }
  }

  /** Kept value at a linear address that has passed the segment check. */
  load(size: number, linear: Value): Value {
    return this.memory.load(size, linear);
  }

  /** Stores at a linear address that has passed the segment check. The value must be kept or constant. */
  store(size: number, linear: Value, value: Value): void {
    this.memory.store(size, linear, value);
  }

  // ---- Branches

  /** #GP(0) if a near branch goes beyond the limit of CS (SDM vol. 2, JMP), and is `taken`, a kept value. */
  checkTarget(target: () => Value, taken?: Value): void {
    if (!this.instruction.limited) return;
    const beyond = target().gtU(this.body.load(4, this.cpu, L.SEG + L.SEG_CS * L.SEG_SIZE + L.SEG_LIMIT));
    this.body.unlikely(taken ? beyond.and(taken) : beyond, () => this.exception(GENERAL_PROTECTION, true));
  }

  // ---- Stack

  /** The stack offset `bytes` above ESP (negative: below), cut to the stack's width. */
  #stackOffset(bytes: number): Value {
    const offset = this.register(L.RSP, 4).add(bytes);
    return this.keep(this.instruction.stack === 'narrow' ? offset.and(0xffff) : offset);
  }

  #stackLinear(offset: Value, size: number, write: boolean): Value {
    if (this.instruction.stack === 'flat') return offset;
    return this.segmented(offset, this.i32(L.SEG_SS), size, write);
  }

  setStackPointer(offset: Value): void {
    this.setRegister(L.RSP, this.instruction.stack === 'narrow' ? 2 : 4, offset);
  }

  /** Pushes a kept value; the stack pointer changes only when the store has not faulted. */
  push(size: number, value: Value): void {
    const offset = this.#stackOffset(-size);
    this.store(size, this.#stackLinear(offset, size, true), value);
    this.setStackPointer(offset);
  }

  /** Reads the top of the stack; the stack pointer is not changed yet. */
  top(size: number): Value {
    return this.load(size, this.#stackLinear(this.#stackOffset(0), size, false));
  }

  /** Releases `bytes` of the stack. */
  release(bytes: number | Value): void {
    this.setStackPointer(this.keep(this.register(L.RSP, 4).add(bytes)));
  }

  /** Kept linear address of a stack-relative access at `offset`, e.g. EBP for LEAVE. */
  stackLoad(offset: Value, size: number): Value {
    const cut = this.keep(this.instruction.stack === 'narrow' ? offset.and(0xffff) : offset);
    return this.load(size, this.#stackLinear(cut, size, false));
  }
}
