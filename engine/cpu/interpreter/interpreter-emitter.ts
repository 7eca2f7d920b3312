// The interpreter's backend: emits one handler, (cpu, record) → 0, that does one instruction with operands read from its
// record and registers in the CPU block, then tail-calls the next record's handler. Returning to the dispatcher ends the
// block; RIP is architectural then. Flags are always canonical here.

import * as L from '../abi/layout.ts';
import { type AnyMonitorFunction, may } from '../abi/monitor-functions.ts';
import { type BlockFacts, eitherWay } from '../emitter/block-facts.ts';
import { Emitter } from '../emitter/emitter.ts';
import { auxOf, type Condition, conditionOf, type FlagOperation } from '../emitter/flag-formulas.ts';
import type { LockedAccess, MemoryAccess } from '../emitter/memory-access.ts';
import { type FunctionIndices, importedType } from '../emitter/monitor-imports.ts';
import type { X87Stack } from '../emitter/x87-stack.ts';
import type { ImmediateOperand, Instruction } from '../isa/instruction.ts';
import { definitionOf } from '../semantics/index.ts';
import { Body, type FunctionBody, type Label } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';
import { InterpreterMemory } from './interpreter-memory.ts';
import { InterpreterX87 } from './interpreter-x87.ts';

const OPERAND_FIELDS = [L.REC_OP0, L.REC_OP1, L.REC_OP2];

/** A handler stands alone: nothing is known of what came before it. */
class NoFacts implements BlockFacts {
  readonly lasting = false;
  readonly #body: Body;

  constructor(body: Body) {
    this.#body = body;
  }

  oncePerBlock(_check: string, emit: () => void): void {
    emit();
  }
  shared(_name: string, make: () => Value): Value {
    return make();
  }
  renew(): void {}
  noteNormalLow(): void {}
  leaveIf(): void {}

  usually(usual: (otherwise: Label) => void, general: () => void): void {
    eitherWay(this.#body, usual, general);
  }
}

export class InterpreterEmitter extends Emitter {
  override readonly memory: MemoryAccess;
  override readonly facts: BlockFacts;
  readonly #record: Value;
  readonly #functions: FunctionIndices;
  readonly #handlerType: number;
  /** Code was emitted that may set LEAVE. */
  #mayLeave = false;

  constructor(functions: FunctionIndices, handlerType: number, locked: LockedAccess) {
    super(new Body([I32, I32]));
    this.#record = this.body.get(1);
    this.#functions = functions;
    this.#handlerType = handlerType;
    this.facts = new NoFacts(this.body);
    this.memory = new InterpreterMemory(this.body, this.cpu, locked, {
      call: (name, ...operands) => this.#call(name, ...operands),
      callStatement: (name, ...operands) => this.#callStatement(name, ...operands),
      leaveOnFault: () => this.#leaveOnFault(),
      leaveHere: () => this.#leaveHere(),
      mayLeave: () => {
        this.#mayLeave = true;
      },
    });
  }

  /** The body of the handler for instructions like this one. */
  handler(instruction: Instruction): FunctionBody {
    this.instruction = instruction;
    const definition = definitionOf(instruction.mnemonic);
    if (!definition) throw new Error(`${instruction.mnemonic} has no semantics`);
    definition.emit(this);
    if (!definition.ends) this.#continue();
    this.body.i32(0).emit();
    return this.body.finish();
  }

  #continue(): void {
    if (this.#mayLeave)
      this.body.if(this.body.load(4, this.cpu, L.LEAVE), () => {
        this.#addToBudget(this.#field(1, L.REC_LEFT));
        this.#setRip(this.next());
        this.body.return(this.i32(0));
      });
    this.body.tailCallIndirect(
      this.#handlerType,
      this.body.load(4, this.#record, L.REC_SIZE + L.REC_HANDLER),
      this.cpu,
      this.#record.add(L.REC_SIZE),
    );
  }

  #field(size: number, offset: number, signed = false): Value {
    return this.body.load(size, this.#record, offset, signed);
  }

  #rip(): Value {
    return this.body.load(4, this.cpu, L.RIP);
  }

  #setRip(value: Value): void {
    this.body.store(4, this.cpu, value, L.RIP);
  }

  #addToBudget(instructions: Value): void {
    this.body.store(4, this.cpu, this.body.load(4, this.cpu, L.BUDGET).add(instructions), L.BUDGET);
  }

  #leaveOnFault(): void {
    this.body.if(this.body.load(4, this.cpu, L.FAULT), () => this.#leaveHere());
  }

  /** Back to the dispatcher with RIP at this instruction, which does not count as executed. */
  #leaveHere(): void {
    this.#addToBudget(this.#field(1, L.REC_LEFT).add(1));
    this.#setRip(this.address());
    this.body.return(this.i32(0));
  }

  // ---- Registers and operands

  #slot(operand: number): Value {
    return this.cpu.add(this.#field(2, OPERAND_FIELDS[operand]!));
  }
  protected override readRegister(operand: number, size: number): Value {
    return this.keep(this.body.load(size, this.#slot(operand)));
  }
  protected override writeRegister(operand: number, size: number, value: Value): void {
    this.body.store(size, this.#slot(operand), value);
  }
  override register(offset: number, size: number): Value {
    return this.keep(this.body.load(size, this.cpu, offset));
  }
  override setRegister(offset: number, size: number, value: Value): void {
    this.body.store(size, this.cpu, value, offset);
  }
  override immediate(): Value {
    return this.#field(4, L.REC_IMM);
  }
  override farSelector(): Value {
    return this.#field(2, L.REC_OP2);
  }
  override effectiveAddress(_operand: number, displace?: Value): Value {
    const part = (field: number): Value => this.body.load(4, this.cpu.add(this.#field(2, field)));
    let address = part(L.REC_BASE)
      .add(part(L.REC_INDEX).shl(this.#field(1, L.REC_SCALE)))
      .add(this.#field(4, L.REC_DISP));
    if (displace) address = address.add(displace);
    return this.instruction.memory === 'flat' ? address : address.and(this.#field(4, L.REC_MASK));
  }
  protected override operandSegment(): Value {
    return this.#field(1, L.REC_SEG);
  }
  override segmentOfStrings(): Value {
    return this.#field(1, L.REC_SEG);
  }
  protected override segmented(offset: Value, segment: Value, size: number, write: boolean): Value {
    const cache = this.keep(this.cpu.add(segment.mul(L.SEG_SIZE)));
    const bound = this.body.load(8, cache, L.SEG + (write ? L.SEG_WRITE_BOUND : L.SEG_READ_BOUND));
    this.body.if(
      offset
        .extendU()
        .add(this.body.i64(size - 1))
        .gtS(bound),
      () => this.monitor('seg_check', segment, offset, this.i32(size), this.i32(write ? 1 : 0)),
    );
    return this.keep(offset.add(this.body.load(4, cache, L.SEG + L.SEG_BASE)));
  }

  // ---- The monitor

  #call(name: AnyMonitorFunction, ...operands: Value[]): Value {
    return this.body.call(this.#functions(name), importedType(name), this.cpu, ...operands);
  }
  #callStatement(name: AnyMonitorFunction, ...operands: Value[]): void {
    this.body.callStatement(this.#functions(name), this.cpu, ...operands);
  }
  override monitor(name: AnyMonitorFunction, ...operands: Value[]): void {
    this.#mayLeave = true;
    this.#callStatement(name, ...operands);
    if (may(name, 'faults')) this.#leaveOnFault();
  }
  override monitorValue(name: AnyMonitorFunction, ...operands: Value[]): Value {
    this.#mayLeave = true;
    const value = this.keep(this.#call(name, ...operands));
    if (may(name, 'faults')) this.#leaveOnFault();
    return value;
  }
  override pure(name: AnyMonitorFunction, ...operands: Value[]): Value {
    return this.#call(name, ...operands);
  }
  override quickly(_name: AnyMonitorFunction, _operands: readonly Value[], general: () => void): void {
    general();
  }
  override x87(common: (stack: X87Stack) => void, general: () => void): void {
    this.body.block((done) => {
      this.body.block((label) => {
        const stack = new InterpreterX87(this.body, this.cpu, label);
        common(stack);
        stack.finish();
        this.body.branch(done);
      });
      general();
    });
  }
  override settleX87(): void {}
  override x87Pointers(operand?: Value): void {
    this.body.store(4, this.cpu, this.address(), L.FPU_IP);
    if (operand) this.body.store(4, this.cpu, operand, L.FPU_DP);
  }
  override raiseIf(condition: Value, name: AnyMonitorFunction): void {
    this.body.unlikely(condition, () => this.monitor(name));
  }
  override exception(vector: number, hasError = false): void {
    this.#callStatement('raise', this.i32(vector), this.i32(0), this.i32(hasError ? 1 : 0));
    this.#leaveHere();
  }

  // ---- Control

  override address(): Value {
    return this.#rip().add(this.#field(2, L.REC_DELTA));
  }
  override next(): Value {
    return this.address().add(this.#field(1, L.REC_LENGTH));
  }
  /** The record holds the target relative to the block. */
  override target(): Value {
    const target = this.#rip().add(this.immediate());
    return this.keep(this.instruction.operandSize === 2 ? target.and(0xffff) : target);
  }
  override jump(target: Value): void {
    this.#setRip(target);
  }
  override jumpIf(condition: Value): void {
    const target = this.target();
    this.#setRip(this.body.select(condition, target, this.next()));
  }
  override endBlock(moved: boolean): void {
    if (!moved) this.#setRip(this.next());
  }
  override again(condition: Value): void {
    this.body.if(condition, () => this.#leaveHere());
  }

  // ---- Flags

  override aux(): Value {
    return this.keep(this.body.load(4, this.cpu, L.F_A));
  }
  override result(): Value {
    return this.keep(this.body.load(4, this.cpu, L.F_R));
  }
  override setFlags(operation: FlagOperation, size: number, a: Value, b: Value, r: Value): void {
    this.setCanonical(r, auxOf(this.body, operation, size, a, b, r));
  }
  override setCanonical(result: Value, aux: Value): void {
    this.body.store(4, this.cpu, result, L.F_R);
    this.body.store(4, this.cpu, aux, L.F_A);
  }
  override flagsFromBlock(): void {}
  override setCanonicalIf(condition: Value, result: Value, aux: Value): void {
    this.body.if(condition, () => this.setCanonical(result, aux));
  }
  override condition(condition: Condition): Value {
    return this.keep(conditionOf(condition, this.body.load(4, this.cpu, L.F_R), this.aux()));
  }
  override carry(): Value {
    return this.keep(this.aux().shrU(31));
  }

  /** Handler that follows the last record of a block which no branch ends. */
  endOfBlock(): FunctionBody {
    this.body.store(4, this.cpu, this.address(), L.RIP);
    this.body.i32(0).emit();
    return this.body.finish();
  }
}

/** REC_IMM of an instruction whose start is `delta` bytes into its block. */
export function recordImmediate(instruction: Instruction, delta: number): number {
  for (const operand of instruction.operands) {
    if (operand.kind === 'immediate') return (operand as ImmediateOperand).value;
    if (operand.kind === 'relative') return delta + instruction.length + operand.value;
  }
  return 0;
}
