// The translator's backend: the same semantics as the interpreter's, with operands known, registers in locals and flags
// lazy. One RegionEmitter emits one region's function, (cpu, its own table slot, entry word) → 0 to go on at RIP, COLD_*
// to have one instruction there interpreted. An entry word holds, in its upper half, the page of the entry counted from the
// region's home page.
//
// Invariants:
// - Locals hold the guest's registers; what a block changes is written to the CPU block only on leaving.
// - `flags` says, at this point of emission, what the flag locals a, b, r mean; canonical wherever paths join.
// - A memory access that misses the TLB leaves by the cold exit with the state as before its instruction.
//
// What it is made of: region-registers, flag-state, region-x87 (what is in locals), region-memory, region-calls, region-facts
// (what is known in a block), region-exits (ways in and out).

import * as L from '../abi/layout.ts';
import { type AnyMonitorFunction, may } from '../abi/monitor-functions.ts';
import { Emitter } from '../emitter/emitter.ts';
import type { Condition, FlagOperation } from '../emitter/flag-formulas.ts';
import type { LockedAccess } from '../emitter/memory-access.ts';
import type { FunctionIndices } from '../emitter/monitor-imports.ts';
import { USUAL, type X87Stack } from '../emitter/x87-stack.ts';
import type { ImmediateOperand, Instruction, MemoryOperand, RegisterOperand } from '../isa/instruction.ts';
import { definitionOf } from '../semantics/index.ts';
import { Body, type FunctionBody } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';
import { AddressGroups, type AddressState } from './address-groups.ts';
import { Flags } from './flag-state.ts';
import { RegionCalls } from './region-calls.ts';
import { type MonitorCall, RegionExits } from './region-exits.ts';
import { RegionFacts } from './region-facts.ts';
import type { Block, PlacedInstruction } from './region-graph.ts';
import { RegionMemory } from './region-memory.ts';
import { RegionRegisters } from './region-registers.ts';
import { RegionX87 } from './region-x87.ts';

function mayAccessMemory(instruction: Instruction): boolean {
  return definitionOf(instruction.mnemonic)!.mayFault || instruction.operands.some(({ kind }) => kind === 'memory');
}

/** What ended a block: filled in by the semantics of its last instruction. */
export type Terminator =
  | { kind: 'conditional'; condition: Value }
  | { kind: 'dynamic'; target: Value }
  /** A call of the monitor that moves RIP. */
  | MonitorCall;

export class RegionEmitter extends Emitter {
  override readonly memory: RegionMemory;
  override readonly facts: RegionFacts;
  readonly flags: Flags;
  readonly exits: RegionExits;
  terminator: Terminator | undefined;
  readonly #mode: number;
  readonly #locked: LockedAccess;
  readonly #addresses = new AddressGroups();
  readonly #registers: RegionRegisters;
  readonly #x87: RegionX87;
  readonly #calls: RegionCalls;

  constructor(functions: FunctionIndices, chain: number, mode: number, locked: LockedAccess = 'plain') {
    super(new Body([I32, I32, I32]));
    const { body, cpu } = this;
    this.#mode = mode;
    this.#locked = locked;
    const exits = new RegionExits(body, cpu, functions, chain, mode);
    const registers = new RegionRegisters(body, cpu, this.#addresses);
    const x87 = new RegionX87(body, cpu, () => exits.cold(L.COLD_FAULT));
    const flags = new Flags(body, cpu, () => body.callStatement(functions('flags_canonical'), cpu));
    exits.connect({ registers, flags, x87 });
    const facts = new RegionFacts(body, exits, registers, () => this.instruction);
    this.#calls = new RegionCalls(body, cpu, {
      functions,
      registers,
      flags,
      addresses: this.#addresses,
      exits,
      settleX87: () => this.settleX87(),
    });
    this.memory = new RegionMemory(body, cpu, mode, {
      exits,
      calls: this.#calls,
      addresses: this.#addresses,
      lasting: () => facts.lasting,
      locked,
    });
    this.exits = exits;
    this.#registers = registers;
    this.#x87 = x87;
    this.flags = flags;
    this.facts = facts;
  }

  /** The whole function. `emitBody` emits the blocks, every path of which must leave. */
  region(emitBody: () => void): FunctionBody {
    return this.exits.function(emitBody);
  }

  // ---- Blocks

  /** To be called before a block's instructions. `addresses`: what is known on entry, nothing where paths join. */
  startBlock({ instructions, straddles, general }: Block, addresses: AddressState | undefined): void {
    if (addresses) this.#addresses.restore(addresses);
    else this.#addresses.forget();
    this.facts.startBlock(general === true);
    this.exits.inhibited = false;
    if (straddles) this.#addresses.expect(undefined);
    else this.#expectAccesses(instructions);
    this.facts.startCode();
    if (instructions.length > 0) this.exits.spend(instructions.length);
  }

  /** Has a discarded emission of the block record its accesses, if there can be two that lie near each other. */
  #expectAccesses(instructions: readonly PlacedInstruction[]): void {
    const accesses = instructions.filter(({ instruction }) => mayAccessMemory(instruction)).length;
    if (accesses < 2) {
      this.#addresses.expect(undefined);
      return;
    }
    const scout = new RegionEmitter(() => 0, 0, this.#mode, this.#locked);
    scout.memory.recording = true;
    scout.#addresses.restore(this.#addresses.save());
    for (const placed of instructions) {
      scout.emitInstruction(placed, 0);
      scout.releaseTemporaries();
    }
    this.#addresses.expect(scout.#addresses);
  }

  /** What is known where the block ends. */
  addresses(): AddressState {
    return this.#addresses.save();
  }

  /** Emits one instruction; `left` counts those of its block that follow. */
  emitInstruction(placed: PlacedInstruction, left: number): void {
    this.instruction = placed.instruction;
    this.exits.beginInstruction(placed, left);
    this.memory.callsOnMiss = placed.callsOnMiss === true;
    this.terminator = undefined;
    const definition = definitionOf(placed.instruction.mnemonic)!;
    definition.emit(this);
    this.#calls.endInstruction();
    if (this.exits.inhibited) this.exits.endInhibition();
    this.exits.inhibited = definition.inhibits;
  }

  /** To be called behind a block's instructions. */
  endInstructions(): void {
    this.settleX87();
  }

  releaseTemporaries(): void {
    this.body.releaseTemporaries();
  }

  // ---- Registers and operands

  override register(offset: number, size: number): Value {
    return this.#registers.read(offset, size);
  }
  override setRegister(offset: number, size: number, value: Value): void {
    this.#registers.write(offset, size, value);
  }
  protected override readRegister(operand: number, size: number): Value {
    return this.register((this.instruction.operands[operand] as RegisterOperand).offset, size);
  }
  protected override writeRegister(operand: number, size: number, value: Value): void {
    this.setRegister((this.instruction.operands[operand] as RegisterOperand).offset, size, value);
  }

  override immediate(): Value {
    return this.i32(this.#immediateOperand().value);
  }
  override farSelector(): Value {
    return this.i32(this.#immediateOperand().selector!);
  }
  #immediateOperand(): ImmediateOperand {
    return this.instruction.operands.find(({ kind }) => kind === 'immediate') as ImmediateOperand;
  }

  override effectiveAddress(operand: number, displace?: Value): Value {
    const { base, index, scale, displacement, addressSize } = this.instruction.operands[operand] as MemoryOperand;
    const from = this.register(base, 4);
    const by = this.register(index, 4);
    const sum = from.add(by.shl(scale));
    if (by.symbol) sum.symbol = this.#addresses.sum(from.symbol, by.symbol, scale);
    let address = sum.add(displacement);
    if (displace) address = address.add(displace);
    return addressSize === 2 ? address.and(0xffff) : address;
  }
  protected override operandSegment(operand: number): Value {
    return this.i32((this.instruction.operands[operand] as MemoryOperand).segment);
  }
  override segmentOfStrings(): Value {
    return this.i32(this.instruction.segment);
  }
  protected override segmented(offset: Value, segment: Value, size: number, write: boolean): Value {
    const cache = L.SEG + segment.constant! * L.SEG_SIZE;
    const bound = this.body.load(8, this.cpu, cache + (write ? L.SEG_WRITE_BOUND : L.SEG_READ_BOUND));
    const last = size === 1 ? offset.extendU() : offset.extendU().add(this.body.i64(size - 1));
    this.body.unlikely(last.gtS(bound), () => this.exits.cold(L.COLD_FAULT));
    return this.keep(offset.add(this.body.load(4, this.cpu, cache + L.SEG_BASE)));
  }

  // ---- The monitor

  override monitor(name: AnyMonitorFunction, ...operands: Value[]): void {
    if (may(name, 'transfers')) this.terminator = { kind: 'monitor', name, operands };
    else this.#calls.statement(name, operands);
  }
  override monitorValue(name: AnyMonitorFunction, ...operands: Value[]): Value {
    return this.#calls.value(name, operands);
  }
  override pure(name: AnyMonitorFunction, ...operands: Value[]): Value {
    return this.#calls.pure(name, operands);
  }
  override quickly(name: AnyMonitorFunction, operands: readonly Value[]): void {
    const done = this.#calls.value(name, operands);
    this.body.unlikely(done.eqz(), () => this.exits.cold(L.COLD_INTERPRET));
  }
  /** The interpreter meets the same case and raises it. */
  override raiseIf(condition: Value): void {
    this.body.unlikely(condition, () => this.exits.cold(L.COLD_FAULT));
  }
  /** The interpreter meets the same case and raises it. */
  override exception(): void {
    this.exits.cold(L.COLD_FAULT);
  }

  // ---- x87: what the common case does not cover leaves, and the interpreter does it in general

  override x87(common: (stack: X87Stack) => void): void {
    common(this.#x87.activate());
  }
  override settleX87(): void {
    this.#x87.settle();
    // Whatever comes now may leave an exception pending, or another control word.
    this.facts.renew('fpu_check');
    this.facts.renew(USUAL);
  }
  override x87Pointers(operand?: Value): void {
    this.#x87.pointers(this.address(), operand);
  }

  // ---- Control

  override address(): Value {
    return this.exits.address();
  }
  override next(): Value {
    return this.exits.next();
  }
  override target(): Value {
    const operand = this.instruction.operands[0]!;
    const relative = operand.kind === 'relative' ? operand.value : 0;
    const target = this.next().add(relative);
    return this.instruction.operandSize === 2 ? target.and(0xffff) : target;
  }
  override jump(target: Value): void {
    this.terminator = { kind: 'dynamic', target };
  }
  override jumpIf(condition: Value): void {
    // A 16-bit branch cuts its target, so the region's graph does not follow it.
    this.terminator =
      this.instruction.operandSize === 4
        ? { kind: 'conditional', condition: this.keep(condition) }
        : { kind: 'dynamic', target: this.keep(this.body.select(condition, this.target(), this.next())) };
  }
  override endBlock(moved: boolean): void {
    this.settleX87();
    if (!moved) this.#calls.leaveIfAsked();
    else if (this.terminator?.kind !== 'monitor') throw new Error(`${this.instruction.mnemonic} can't be translated`);
  }
  override again(condition: Value): void {
    this.exits.leaveHereIf(condition);
    this.#calls.leaveIfAsked();
  }

  // ---- Flags

  override aux(): Value {
    return this.flags.aux();
  }
  override result(): Value {
    return this.flags.result();
  }
  override setFlags(operation: FlagOperation, size: number, a: Value, b: Value, r: Value): void {
    this.flags.set(operation, size, a, b, r);
  }
  override setCanonical(result: Value, aux: Value): void {
    this.flags.setCanonical(result, aux);
  }
  override flagsFromBlock(): void {
    this.flags.load();
  }
  override setCanonicalIf(condition: Value, result: Value, aux: Value): void {
    this.flags.makeCanonical();
    const state = this.flags.state;
    this.body.if(condition, () => this.flags.setCanonical(result, aux));
    this.flags.state = state;
  }
  override condition(condition: Condition): Value {
    return this.flags.condition(condition);
  }
  override carry(): Value {
    return this.flags.carry();
  }
}
