// The translator's backend: the same semantics as the interpreter's, with operands known, registers in locals and flags
// lazy. One RegionEmitter emits one region's function, (cpu, its own table slot, entry word) → 0 to go on at RIP, COLD_*
// to have one instruction there interpreted. An entry word holds, in its upper half, the page of the entry counted from the
// region's home page.
//
// Invariants:
// - Locals hold the guest's registers; what a block changes is written to the CPU block only on leaving.
// - `#flags` says, at this point of emission, what the flag locals a, b, r mean; canonical wherever paths join.
// - A memory access that misses the TLB leaves by the cold exit with the state as before its instruction; #at is
//   its offset, and `#packed` the instructions left | flag kind << 8.

import { KIND_CANONICAL } from '../abi/flag-kinds.ts';
import * as L from '../abi/layout.ts';
import { type AnyMonitorFunction, MONITOR_FUNCTIONS, may } from '../abi/monitor-functions.ts';
import { type Condition, Emitter, type FlagOperation } from '../emitter/emitter.ts';
import { type FunctionIndices, hasResult, importedType } from '../emitter/monitor-imports.ts';
import { USUAL, type X87Stack } from '../emitter/x87-stack.ts';
import type { ImmediateOperand, Instruction, MemoryOperand, RegisterOperand } from '../isa/instruction.ts';
import { definitionOf } from '../semantics/index.ts';
import { Body, type FunctionBody, type Label, type Value } from '../wasm/body.ts';
import { I32, I64, V128 } from '../wasm/encoding.ts';
import { SIMD } from '../wasm/simd-opcodes.ts';
import { AddressGroups, type AddressState, symbolOf } from './address-groups.ts';
import { Flags, KIND_DYNAMIC } from './flag-state.ts';
import type { PlaceHash } from './place-hash.ts';
import type { Block, PlacedInstruction } from './region-graph.ts';
import { RegionX87 } from './region-x87.ts';

// Parameters of a region's function behind `cpu`.
const OWN_SLOT = 1;
const ENTRY_WORD = 2;
/** Instructions a region may run before it leaves, so that the engine can replace the function by its optimised version. */
const SLICE = 20000;
const PAGE_SHIFT = 12;
const PAGE_OFFSET = (1 << PAGE_SHIFT) - 1;
const GENERAL_END = L.GPR + 8 * 8;
const XMM_END = L.XMM + 8 * 16;

function isXmm(offset: number): boolean {
  return offset >= L.XMM && offset < XMM_END;
}
const TF = 0x100;

function mayAccessMemory(instruction: Instruction): boolean {
  return definitionOf(instruction.mnemonic)!.mayFault || instruction.operands.some(({ kind }) => kind === 'memory');
}

/** What ended a block: filled in by the semantics of its last instruction. */
export type Terminator =
  | { kind: 'conditional'; condition: Value }
  | { kind: 'dynamic'; target: Value }
  /** A call of the monitor that moves RIP. */
  | MonitorCall;

interface MonitorCall {
  kind: 'monitor';
  name: AnyMonitorFunction;
  /** Constants, or offsets from the region's base: they are evaluated when the region is left. */
  operands: readonly Value[];
}

export class RegionEmitter extends Emitter {
  protected override readonly missCanContinue = false;
  protected override readonly tlbOffset: number;
  readonly #functions: FunctionIndices;
  /** Function that goes straight on to the region at RIP (region-chain.ts). */
  readonly #chain: number;
  readonly #mode: number;
  readonly #registers = new Map<number, number>();
  readonly #written = new Set<number>();
  /** Checks done in this block. */
  readonly #checked = new Set<string>();
  /** Values computed in this block (`shared`), and the locals they use in every block. */
  readonly #shared = new Map<string, Value>();
  readonly #sharedLocals = new Map<string, number>();
  /** Bytes of lane 0 of XMM registers, by offset, where that is known to be no denormal number (`noteNormalLow`). */
  readonly #normalLow = new Map<number, number>();
  readonly #flags: Flags;
  /** RIP of the home page's first byte. */
  readonly #base: Value;
  readonly #baseLocal: number;
  /** Instructions that this run may still do, below 0 when it is to leave. */
  readonly #slice: number;
  /** What the budget has beyond the slice. */
  readonly #held: number;
  readonly #rip: number;
  readonly #packed: number;
  /** COLD_*, less COLD_MISS. */
  readonly #reason: number;
  /** The budget on entry. */
  readonly #granted: number;
  /** Where the dispatch is to go on: bytes from the home page. */
  readonly #at: number;
  #exit: Label = 0;
  #cold: Label = 0;
  #monitorExit: Label = 0;
  readonly #monitorCalls: MonitorCall[] = [];
  #offset = 0;
  #left = 0;
  #inhibited = false;
  /** The instruction has written memory by the monitor: LEAVE is looked at when it has ended. */
  #leaveDue = false;
  terminator: Terminator | undefined;
  readonly #addresses = new AddressGroups();
  readonly #pointers: number[] = [];
  readonly #x87: RegionX87;
  /** The block does rare cases too (`usually`). */
  #general = false;
  /** A discarded emission that only records accesses. */
  #recording = false;
  /** Nesting of the block being emitted: checks made deeper do not hold for what follows. */
  #depth = 0;

  constructor(functions: FunctionIndices, chain: number, mode: number) {
    super(new Body([I32, I32, I32]));
    this.#functions = functions;
    this.#chain = chain;
    this.#mode = mode;
    this.tlbOffset = (mode & L.MODE_USER) !== 0 ? L.TLB_USER : L.TLB_SUPERVISOR;
    const local = (): number => this.body.newLocal(I32);
    this.#baseLocal = local();
    this.#base = this.body.pinned(this.#baseLocal);
    this.#slice = local();
    this.#held = local();
    this.#rip = local();
    this.#packed = local();
    this.#reason = local();
    this.#granted = local();
    this.#at = local();
    this.#x87 = new RegionX87(this.body, this.cpu, () => this.#coldExit(L.COLD_FAULT));
    this.#flags = new Flags(
      this.body,
      this.cpu,
      (...operands) => this.auxOf(...operands),
      (...operands) => this.conditionOf(...operands),
      () => this.body.callStatement(this.#functions('flags_canonical'), this.cpu),
    );
  }

  // ---- The function as a whole

  /** Emits prologue, body and exits. `emitBody` emits the blocks, every path of which must leave. */
  region(emitBody: () => void): FunctionBody {
    const { body } = this;
    body.block((monitor) => {
      this.#monitorExit = monitor;
      body.block((cold) => {
        this.#cold = cold;
        body.block((exit) => {
          this.#exit = exit;
          emitBody();
          body.unreachable();
        });
        this.#writeBack(body.get(this.#rip), this.#budget(), this.#flags.dynamicKind());
        this.#chainTo(body.get(this.#rip));
      });
      this.#emitColdExit();
    });
    if (this.#monitorCalls.length > 0) this.#emitMonitorExit();
    else body.unreachable();
    body.inPrologue(() => this.#emitPrologue());
    return body.finish();
  }

  #emitPrologue(): void {
    const { body, cpu } = this;
    const rip = body.keep(body.load(4, cpu, L.RIP));
    const page = body.get(ENTRY_WORD).shrS(16).shl(PAGE_SHIFT);
    body.set(this.#at, this.#linear(rip).and(PAGE_OFFSET).add(page));
    body.set(this.#baseLocal, rip.sub(body.get(this.#at)));
    body.set(this.#granted, body.load(4, cpu, L.BUDGET));
    const granted = body.get(this.#granted);
    body.set(this.#slice, body.select(granted.ltS(SLICE), granted, body.i32(SLICE)));
    body.set(this.#held, granted.sub(body.get(this.#slice)));
    for (const [offset, local] of this.#registers) body.set(local, body.load(isXmm(offset) ? 16 : 4, cpu, offset));
  }

  #chainTo(rip: Value): void {
    this.body.tailCall(this.#chain, this.cpu, this.#linear(rip));
  }

  #emitColdExit(): void {
    const { body } = this;
    const packed = body.get(this.#packed);
    const kind = packed.shrU(8);
    const budget = this.#budget().add(packed.and(0xff));
    const flagKind = body.select(kind.eq(KIND_DYNAMIC), this.#flags.dynamicKind(), kind);
    this.#writeBack(this.#base.add(body.get(this.#at)), budget, body.keep(flagKind));
    body.return(body.get(this.#reason).add(L.COLD_MISS));
  }

  /** Calls the monitor with all state in the CPU block; goes on where it leads unless the dispatcher has something to see to. */
  #emitMonitorExit(): void {
    const { body, cpu } = this;
    this.#writeBack(body.get(this.#rip), this.#budget(), this.#flags.dynamicKind());
    this.#monitorCalls.forEach(({ name, operands }, index) => {
      body.if(body.get(this.#packed).eq(index), () => body.callStatement(this.#functions(name), cpu, ...operands));
    });
    body.if(body.load(4, cpu, L.FAULT), () => {
      this.#addToCounter(this.#counters(), L.RC_INSTRUCTIONS, body.i64(-1));
      body.store(4, cpu, this.#budget().add(1), L.BUDGET);
      body.return(body.i32(0));
    });
    const trap = body.load(4, cpu, L.SYSFLAGS).and(TF);
    body.if(body.load(4, cpu, L.DOORBELL).or(trap), () => body.return(body.i32(0)));
    body.store(4, cpu, body.i32(0), L.LEAVE);
    const base = this.segmentField(body.i32(L.SEG_CS), L.SEG_BASE);
    body.tailCall(this.#chain, cpu, body.load(4, cpu, L.RIP).add(base));
  }

  /** Linear address of code at `rip`. */
  #linear(rip: Value): Value {
    if ((this.#mode & L.MODE_FLAT) !== 0) return rip;
    return rip.add(this.segmentField(this.body.i32(L.SEG_CS), L.SEG_BASE));
  }

  #spend(instructions: number): void {
    this.body.set(this.#slice, this.body.get(this.#slice).sub(instructions));
  }

  #budget(): Value {
    return this.body.get(this.#slice).add(this.body.get(this.#held));
  }

  #writeBack(rip: Value, budgetNow: Value, flagKind: Value): void {
    const { body, cpu } = this;
    const budget = body.keep(budgetNow);
    this.#countRun(budget);
    for (const offset of this.#written) {
      const local = this.#registers.get(offset)!;
      if (isXmm(offset)) body.store(16, cpu, body.get(local, V128), offset);
      else body.store(4, cpu, body.get(local), offset);
    }
    this.#flags.store(flagKind);
    body.store(4, cpu, rip, L.RIP);
    body.store(4, cpu, budget, L.BUDGET);
  }

  /** Adds this run to the region's counters. */
  #countRun(budget: Value): void {
    const counters = this.body.keep(this.#counters());
    this.#addToCounter(counters, L.RC_RUNS, this.body.i64(1));
    this.#addToCounter(counters, L.RC_INSTRUCTIONS, this.body.get(this.#granted).sub(budget).extendS());
  }

  #counters(): Value {
    const index = this.body.get(OWN_SLOT).and(L.RC_ENTRIES - 1);
    return this.body.load(4, this.cpu, L.REGION_COUNTERS).add(index.mul(L.RC_ENTRY_SIZE));
  }

  #addToCounter(counters: Value, counter: number, count: Value): void {
    this.body.store(8, counters, this.body.load(8, counters, counter).add(count), counter);
  }

  // ---- Blocks

  /** To be called before a block's instructions. `addresses`: what is known on entry, nothing where paths join. */
  startBlock({ instructions, straddles, general }: Block, addresses: AddressState | undefined): void {
    this.#general = general === true;
    if (addresses) this.#addresses.restore(addresses);
    else this.#addresses.forget();
    this.#checked.clear();
    this.#shared.clear();
    this.#normalLow.clear();
    this.#inhibited = false;
    if (straddles) this.#addresses.expect(undefined);
    else this.#expectAccesses(instructions);
    this.#depth = this.body.depth;
    if (instructions.length > 0) this.#spend(instructions.length);
  }

  /** Has a discarded emission of the block record its accesses, if there can be two that lie near each other. */
  #expectAccesses(instructions: readonly PlacedInstruction[]): void {
    const accesses = instructions.filter(({ instruction }) => mayAccessMemory(instruction)).length;
    if (accesses < 2) {
      this.#addresses.expect(undefined);
      return;
    }
    const scout = new RegionEmitter(() => 0, 0, this.#mode);
    scout.#recording = true;
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
    this.#offset = placed.offset;
    this.#left = left;
    this.terminator = undefined;
    const definition = definitionOf(placed.instruction.mnemonic)!;
    definition.emit(this);
    if (this.#leaveDue) this.#leaveIfAsked();
    if (this.#inhibited) this.#endInhibition();
    this.#inhibited = definition.inhibits;
  }

  /** To be called behind a block's instructions. */
  endInstructions(): void {
    this.settleX87();
  }

  /** Did the last instruction hold interrupts back until the next has ended? SHADOW says so too until then. */
  get inhibited(): boolean {
    return this.#inhibited;
  }

  #endInhibition(): void {
    this.body.store(4, this.cpu, this.i32(0), L.SHADOW);
  }

  /** Leaves for `target`, and not straight into another region. */
  leaveToDispatcher(target: number): void {
    this.body.store(4, this.cpu, this.i32(1), L.LEAVE);
    this.leaveTo(target);
  }

  releaseTemporaries(): void {
    this.body.releaseTemporaries();
  }

  /** Leaves for the instruction at `target`, a page offset. */
  leaveTo(target: number): void {
    this.leaveToValue(this.#base.add(target));
  }

  leaveToValue(target: Value): void {
    const { state } = this.#flags;
    this.#flags.makeDynamic();
    this.#flags.state = state;
    this.#x87.spill();
    this.body.set(this.#rip, target);
    this.body.branch(this.#exit);
  }

  /** Goes on at the entry asked for, of which `labels` are to be told by `hash`; arrivals compare (`arriveAt`). */
  dispatch(hash: PlaceHash, labels: readonly Label[]): void {
    const { body } = this;
    const at = body.get(this.#at);
    body.block((nowhere) => {
      const places = hash.places.map((place) => (place === undefined ? nowhere : labels[place]!));
      body.branchTable(at.mul(hash.multiplier).shrU(hash.shift), [...places, nowhere]);
    });
    this.leaveToValue(this.#base.add(at));
  }

  /** Behind the dispatch: leaves unless it was `offset` that was asked for. */
  arriveAt(offset: number): void {
    const at = this.body.get(this.#at);
    this.body.unlikely(at.ne(offset), () => this.leaveToValue(this.#base.add(at)));
  }

  /** On through the dispatch, whose flags are dynamic, by the entry at `offset`. */
  enter(offset: number, dispatch: Label): void {
    this.body.set(this.#at, this.body.i32(offset));
    this.body.branch(dispatch);
  }

  /**
   * On at a computed place: through the dispatch, which leaves if that is no entry of this region. As for branches to known
   * places, nothing of what the region stands on changes without its being left.
   */
  transfer(target: Value, dispatch: Label): void {
    const { body } = this;
    const rip = this.keep(target);
    this.#flags.makeDynamic();
    body.unlikely(body.get(this.#slice).ltS(0), () => this.leaveToValue(rip));
    body.set(this.#at, rip.sub(this.#base));
    body.branch(dispatch);
  }

  /** Leaves by a call of the monitor, which is made when all state is in the CPU block. */
  leaveByMonitor(call: MonitorCall): void {
    this.#flags.makeCanonical();
    this.#flags.makeDynamic();
    this.body.set(this.#rip, this.address());
    this.body.set(this.#packed, this.body.i32(this.#monitorCalls.length));
    this.#monitorCalls.push(call);
    this.body.branch(this.#monitorExit);
  }

  /** Leaves for the interpreter to do the instruction at `offset`. */
  leaveForInterpreter(offset: number): void {
    this.#cut(offset, 0, L.COLD_INTERPRET);
  }

  /** Leaves at `offset` if the slice is used up. */
  leaveIfSpent(offset: number): void {
    this.body.unlikely(this.body.get(this.#slice).ltS(0), () => {
      this.leaveTo(offset);
    });
  }

  get flags(): Flags {
    return this.#flags;
  }

  #cut(offset: number, left: number, reason: number): void {
    this.#x87.spill();
    if (reason !== L.COLD_MISS) this.body.set(this.#reason, this.body.i32(reason - L.COLD_MISS));
    this.body.set(this.#at, this.body.i32(offset));
    this.body.set(this.#packed, this.body.i32(left | (this.#flags.kind() << 8)));
    this.body.branch(this.#cold);
  }

  /** Leaves with the state as before this instruction. */
  #coldExit(reason: number = L.COLD_MISS): void {
    this.#cut(this.#offset, this.#left + 1, reason);
  }

  // ---- Registers and operands

  #local(offset: number): number {
    let local = this.#registers.get(offset);
    if (local === undefined) {
      local = this.body.newLocal(isXmm(offset) ? V128 : I32);
      this.#registers.set(offset, local);
    }
    return local;
  }

  override oncePerBlock(check: string, emit: () => void): void {
    if (this.#checked.has(check)) return;
    if (this.lasting) this.#checked.add(check);
    emit();
  }

  /** Not in an arm of a condition. */
  override get lasting(): boolean {
    return this.body.depth === this.#depth;
  }

  /** The interpreter meets the same case and raises it. */
  override raiseIf(condition: Value): void {
    this.body.unlikely(condition, () => this.#coldExit(L.COLD_FAULT));
  }

  override usually(usual: (otherwise: Label) => void, general: () => void): void {
    if (this.#general) {
      super.usually(usual, general);
      return;
    }
    const { lasting } = this;
    const depth = this.#depth;
    super.usually(
      (otherwise) => {
        // Nothing gets behind this without having passed it.
        if (lasting) this.#depth = this.body.depth;
        usual(otherwise);
        this.#depth = depth;
      },
      () => this.#coldExit(L.COLD_RARE),
    );
  }

  override shared(name: string, make: () => Value): Value {
    const known = this.#shared.get(name);
    if (known) return known;
    const value = make();
    if (!this.lasting) return value;
    const local = this.#sharedLocals.get(name) ?? this.body.newLocal(value.type);
    this.#sharedLocals.set(name, local);
    this.body.set(local, value);
    const kept = this.body.pinned(local, value.type);
    this.#shared.set(name, kept);
    return kept;
  }

  override renew(name: string): void {
    this.#shared.delete(name);
    this.#checked.delete(name);
  }

  override register(offset: number, size: number): Value {
    if (offset === L.ZERO) return this.i32(0);
    if (isXmm(offset)) {
      const value = this.#lowPart(this.body.get(this.#local(offset), V128), size);
      value.normalLow = this.#normalLow.get(offset);
      return value;
    }
    if (offset >= GENERAL_END) return this.keep(this.body.load(size, this.cpu, offset));
    const whole = this.body.get(this.#local(offset & ~7));
    if (size === 4) {
      const value = this.keep(whole);
      value.symbol = this.#addresses.registerSymbol(offset);
      return value;
    }
    return this.keep((offset & 1 ? whole.shrU(8) : whole).zeroExtend(size));
  }

  override setRegister(offset: number, size: number, value: Value): void {
    if (isXmm(offset)) {
      this.#setXmm(offset, size, value);
      return;
    }
    if (offset >= GENERAL_END) {
      this.body.store(size, this.cpu, value, offset);
      return;
    }
    const slot = offset & ~7;
    const local = this.#local(slot);
    this.#written.add(slot);
    this.#addresses.setRegister(slot, size === 4 ? value.symbol : undefined);
    const whole = this.body.get(local);
    if (size === 4) this.body.set(local, value);
    else if (size === 2) this.body.set(local, whole.and(0xffff0000 | 0).or(value.zeroExtend(2)));
    else if (offset & 1) this.body.set(local, whole.and(0xffff00ff | 0).or(value.zeroExtend(1).shl(8)));
    else this.body.set(local, whole.and(0xffffff00 | 0).or(value.zeroExtend(1)));
  }

  /** The lowest 2, 4, 8 or all 16 bytes of an XMM register, kept. */
  #lowPart(whole: Value, size: number): Value {
    if (size === 16) return this.keep(whole);
    if (size === 8) return this.keep(this.body.simd(I64, SIMD.i64x2_extract_lane, [whole], 0));
    const low = this.body.simd(I32, SIMD.i32x4_extract_lane, [whole], 0);
    return this.keep(low.zeroExtend(size));
  }

  #setXmm(offset: number, size: number, value: Value): void {
    const local = this.#local(offset);
    this.#written.add(offset);
    if (size === 16 && value.normalLow) this.#normalLow.set(offset, value.normalLow);
    else this.#normalLow.delete(offset);
    const lane = size === 8 ? SIMD.i64x2_replace_lane : SIMD.i32x4_replace_lane;
    const whole = this.body.get(local, V128);
    this.body.set(local, size === 16 ? value : this.body.simd(V128, lane, [whole, value], 0));
  }

  override noteNormalLow(operand: number, size: number): void {
    this.#normalLow.set((this.instruction.operands[operand] as RegisterOperand).offset, size);
  }

  protected override readRegister(operand: number, size: number): Value {
    return this.register((this.instruction.operands[operand] as RegisterOperand).offset, size);
  }
  protected override writeRegister(operand: number, size: number, value: Value): void {
    this.setRegister((this.instruction.operands[operand] as RegisterOperand).offset, size, value);
  }

  override immediate(): Value {
    const operand = this.instruction.operands.find(({ kind }) => kind === 'immediate') as ImmediateOperand;
    return this.i32(operand.value);
  }
  override farSelector(): Value {
    const operand = this.instruction.operands.find(({ kind }) => kind === 'immediate') as ImmediateOperand;
    return this.i32(operand.selector!);
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
    this.body.unlikely(last.gtS(bound), () => this.#coldExit(L.COLD_FAULT));
    return this.keep(offset.add(this.body.load(4, this.cpu, cache + L.SEG_BASE)));
  }

  // ---- Memory: a miss leaves

  protected override machineAddress(linear: Value, size: number, write: boolean): Value {
    const { body } = this;
    const symbol = symbolOf(linear);
    if (this.#recording) {
      if (symbol) this.#addresses.record(symbol, size, write);
      return body.i32(0);
    }
    const checked = symbol && this.#addresses.checked(symbol, size, write);
    if (checked) return body.pointer(checked.pointer, symbol.offset - checked.low);
    const group = symbol && this.#addresses.group(symbol);
    if (!symbol || !group || !this.lasting) return linear.add(this.#checkedAddend(linear, size, write));
    const start = body.keep(linear.add(group.low - symbol.offset));
    const pointer = this.#pointerLocal(this.#addresses.depth);
    const width = group.high - group.low;
    const { entry, hit } = this.probe(start, width, group.write ? L.TLB_WRITE_TAG : L.TLB_READ_TAG);
    body.unlikely(hit.eqz(), () => this.#groupMissed(start, width));
    body.set(pointer, start.add(this.addendOf(entry)));
    this.#addresses.remember(symbol, { ...group, pointer });
    return body.pointer(pointer, symbol.offset - group.low);
  }

  /** Machine address minus linear address of `size` bytes, behind a TLB check that leaves on a miss. */
  #checkedAddend(linear: Value, size: number, write: boolean): Value {
    const { entry, hit } = this.probe(linear, size, write ? L.TLB_WRITE_TAG : L.TLB_READ_TAG);
    this.body.unlikely(hit.eqz(), () => this.#coldExit());
    return this.addendOf(entry);
  }

  #groupMissed(start: Value, width: number): void {
    const { body } = this;
    const straddles = start
      .xor(start.add(width - 1))
      .shrU(PAGE_SHIFT)
      .bool();
    body.set(this.#reason, straddles.mul(L.COLD_STRADDLE - L.COLD_MISS));
    this.#coldExit();
  }

  #pointerLocal(index: number): number {
    let local = this.#pointers[index];
    if (local === undefined) {
      local = this.body.newLocal(I32);
      this.#pointers[index] = local;
    }
    return local;
  }

  protected override tlbBase(): Value {
    return this.cpu;
  }
  protected override missedLoad(): void {
    this.#coldExit();
  }
  protected override missedStore(): void {
    this.#coldExit();
  }
  protected override missedModify(): void {
    this.#coldExit();
  }

  // ---- The monitor

  override monitor(name: AnyMonitorFunction, ...operands: Value[]): void {
    if (may(name, 'transfers')) {
      this.terminator = { kind: 'monitor', name, operands };
      return;
    }
    if (hasResult(name)) throw new Error(`${name} has a result`);
    this.#beforeMonitor(name);
    this.body.callStatement(this.#functions(name), this.cpu, ...operands);
    this.#afterMonitor(name);
  }
  override monitorValue(name: AnyMonitorFunction, ...operands: Value[]): Value {
    this.#beforeMonitor(name);
    const value = this.keep(this.body.call(this.#functions(name), importedType(name), this.cpu, ...operands));
    this.#afterMonitor(name);
    return value;
  }

  override pure(name: AnyMonitorFunction, ...operands: Value[]): Value {
    return this.body.call(this.#functions(name), importedType(name), this.cpu, ...operands);
  }

  /** Puts into the CPU block what the function looks at there. */
  #beforeMonitor(name: AnyMonitorFunction): void {
    if (may(name, 'x87')) this.settleX87();
    if (may(name, 'registers')) this.#registersToBlock();
    else if (may(name, 'reads flags')) this.#flagsToBlock();
  }

  #afterMonitor(name: AnyMonitorFunction): void {
    if (may(name, 'registers')) this.#registersFromBlock();
    if (may(name, 'faults'))
      this.body.unlikely(this.body.load(4, this.cpu, L.FAULT), () => this.#coldExit(L.COLD_FAULT));
    if (may(name, 'maps') || may(name, 'stores')) this.#addresses.forget();
    if (may(name, 'stores')) this.#leaveDue = true;
    for (const offset of MONITOR_FUNCTIONS[name].results)
      this.setRegister(offset, 4, this.keep(this.body.load(4, this.cpu, offset)));
  }

  // ---- x87: what the common case does not cover leaves, and the interpreter does it in general

  override x87(common: (stack: X87Stack) => void): void {
    common(this.#x87.activate());
  }
  override settleX87(): void {
    this.#x87.settle();
    // Whatever comes now may leave an exception pending, or another control word.
    this.#checked.delete('fpu_check');
    this.#checked.delete(USUAL);
  }
  override x87Pointers(operand?: Value): void {
    this.#x87.pointers(this.address(), operand);
  }

  #flagsToBlock(): void {
    this.#flags.makeCanonical();
    this.#flags.store(this.i32(KIND_CANONICAL));
  }

  #registersToBlock(): void {
    const { body, cpu } = this;
    this.#flags.makeCanonical();
    for (let offset = L.GPR; offset < GENERAL_END; offset += 8)
      body.store(4, cpu, body.get(this.#local(offset)), offset);
    this.#flags.store(body.i32(KIND_CANONICAL));
    body.store(4, cpu, this.#budget(), L.BUDGET);
  }

  #registersFromBlock(): void {
    const { body, cpu } = this;
    for (let offset = L.GPR; offset < GENERAL_END; offset += 8) this.setRegister(offset, 4, body.load(4, cpu, offset));
    this.#flags.load();
    body.set(this.#slice, body.load(4, cpu, L.BUDGET).sub(body.get(this.#held)));
  }

  /** The code of this region may have been written over, an interrupt be due...: go on outside, behind this instruction. */
  #leaveIfAsked(): void {
    this.#leaveDue = false;
    this.leaveIf(this.body.load(4, this.cpu, L.LEAVE));
  }

  override leaveIf(condition: Value): void {
    this.body.unlikely(condition, () => {
      if (this.#inhibited) this.#endInhibition();
      this.#spend(-this.#left);
      this.leaveToValue(this.next());
    });
  }
  /** The interpreter meets the same case and raises it. */
  override exception(): void {
    this.#coldExit(L.COLD_FAULT);
  }

  // ---- Control

  override address(): Value {
    return this.#base.add(this.#offset);
  }
  override next(): Value {
    return this.#base.add(this.#offset + this.instruction.length);
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
    if (!moved) this.#leaveIfAsked();
    else if (this.terminator?.kind !== 'monitor') throw new Error(`${this.instruction.mnemonic} can't be translated`);
  }
  override again(condition: Value): void {
    this.body.if(condition, () => {
      this.#spend(-this.#left - 1);
      this.leaveToValue(this.address());
    });
    this.#leaveIfAsked();
  }

  // ---- Flags

  override aux(): Value {
    return this.#flags.aux();
  }
  override result(): Value {
    return this.#flags.result();
  }
  override setFlags(operation: FlagOperation, size: number, a: Value, b: Value, r: Value): void {
    this.#flags.set(operation, size, a, b, r);
  }
  override setCanonical(result: Value, aux: Value): void {
    this.#flags.setCanonical(result, aux);
  }
  override flagsFromBlock(): void {
    this.#flags.load();
  }
  override setCanonicalIf(condition: Value, result: Value, aux: Value): void {
    this.#flags.makeCanonical();
    const state = this.#flags.state;
    this.body.if(condition, () => this.#flags.setCanonical(result, aux));
    this.#flags.state = state;
  }
  override condition(condition: Condition): Value {
    return this.#flags.condition(condition);
  }
  override carry(): Value {
    return this.#flags.carry();
  }
}
