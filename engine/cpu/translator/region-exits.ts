// The ways into a region's function and out of it. Every path of the code leaves by one of them:
// - by `leaveTo`, which goes straight on to the region at another place;
// - cold, to the dispatcher, with the state as before an instruction, which the interpreter does then;
// - by a call of the monitor that moves RIP.
//
// Code that leaves sets locals and branches; the state is written to the CPU block once for each way, behind all blocks.
// `#packed` holds the instructions left of the block | flag kind << 8, or which call of the monitor it is.

import { PAGE_SHIFT } from '../../base/sizes.ts';
import * as L from '../abi/layout.ts';
import type { AnyMonitorFunction } from '../abi/monitor-functions.ts';
import type { FunctionIndices } from '../emitter/monitor-imports.ts';
import type { Body, FunctionBody, Label } from '../wasm/body.ts';
import { I32 } from '../wasm/encoding.ts';
import type { Value } from '../wasm/value.ts';
import { type Flags, KIND_DYNAMIC } from './flag-state.ts';
import type { PlaceHash } from './place-hash.ts';
import type { PlacedInstruction } from './region-graph.ts';
import type { RegionRegisters } from './region-registers.ts';
import type { RegionX87 } from './region-x87.ts';

// Parameters of a region's function behind `cpu`.
const OWN_SLOT = 1;
const ENTRY_WORD = 2;
/** Instructions a region may run before it leaves, so that the engine can replace the function by its optimised version. */
const SLICE = 20000;
const PAGE_OFFSET = (1 << PAGE_SHIFT) - 1;
const TF = 0x100;

/** A call of a monitor function that moves RIP, made when all state is in the CPU block. */
export interface MonitorCall {
  kind: 'monitor';
  name: AnyMonitorFunction;
  /** Constants, or offsets from the region's base: they are evaluated when the region is left. */
  operands: readonly Value[];
}

/** What is kept in locals. */
interface State {
  registers: RegionRegisters;
  flags: Flags;
  x87: RegionX87;
}

export class RegionExits {
  /** RIP of the home page's first byte. */
  readonly base: Value;
  readonly #body: Body;
  readonly #cpu: Value;
  readonly #functions: FunctionIndices;
  /** Function that goes straight on to the region at RIP (region-chain.ts). */
  readonly #chain: number;
  readonly #flat: boolean;
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
  #state!: State;
  /** Of the instruction being emitted, from the home page. */
  #offset = 0;
  #nextOffset = 0;
  /** Instructions of its block that follow it. */
  #left = 0;
  /** The instruction before held interrupts back until this one has ended; SHADOW says so too. */
  inhibited = false;

  constructor(body: Body, cpu: Value, functions: FunctionIndices, chain: number, mode: number) {
    this.#body = body;
    this.#cpu = cpu;
    this.#functions = functions;
    this.#chain = chain;
    this.#flat = (mode & L.MODE_FLAT) !== 0;
    const local = (): number => body.newLocal(I32);
    this.#baseLocal = local();
    this.base = body.pinned(this.#baseLocal);
    this.#slice = local();
    this.#held = local();
    this.#rip = local();
    this.#packed = local();
    this.#reason = local();
    this.#granted = local();
    this.#at = local();
  }

  /** To be called before anything is emitted. */
  connect(state: State): void {
    this.#state = state;
  }

  // ---- The function as a whole

  /** Emits prologue, body and exits. `emitBody` emits the blocks, every path of which must leave. */
  function(emitBody: () => void): FunctionBody {
    const body = this.#body;
    body.block((monitor) => {
      this.#monitorExit = monitor;
      body.block((cold) => {
        this.#cold = cold;
        body.block((exit) => {
          this.#exit = exit;
          emitBody();
          body.unreachable();
        });
        this.#writeBack(body.get(this.#rip), this.budget(), this.#state.flags.dynamicKind());
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
    const body = this.#body;
    const rip = body.keep(body.load(4, this.#cpu, L.RIP));
    const page = body.get(ENTRY_WORD).shrS(16).shl(PAGE_SHIFT);
    body.set(this.#at, this.#linear(rip).and(PAGE_OFFSET).add(page));
    body.set(this.#baseLocal, rip.sub(body.get(this.#at)));
    body.set(this.#granted, body.load(4, this.#cpu, L.BUDGET));
    const granted = body.get(this.#granted);
    body.set(this.#slice, body.select(granted.ltS(SLICE), granted, body.i32(SLICE)));
    body.set(this.#held, granted.sub(body.get(this.#slice)));
    this.#state.registers.loadUsed();
  }

  #chainTo(rip: Value): void {
    this.#body.tailCall(this.#chain, this.#cpu, this.#linear(rip));
  }

  #emitColdExit(): void {
    const body = this.#body;
    const packed = body.get(this.#packed);
    const kind = packed.shrU(8);
    const budget = this.budget().add(packed.and(0xff));
    const flagKind = body.select(kind.eq(KIND_DYNAMIC), this.#state.flags.dynamicKind(), kind);
    this.#writeBack(this.base.add(body.get(this.#at)), budget, body.keep(flagKind));
    body.return(body.get(this.#reason).add(L.COLD_MISS));
  }

  /** Calls the monitor with all state in the CPU block; goes on where it leads unless the dispatcher has something to see to. */
  #emitMonitorExit(): void {
    const body = this.#body;
    const cpu = this.#cpu;
    this.#writeBack(body.get(this.#rip), this.budget(), this.#state.flags.dynamicKind());
    this.#monitorCalls.forEach(({ name, operands }, index) => {
      body.if(body.get(this.#packed).eq(index), () => body.callStatement(this.#functions(name), cpu, ...operands));
    });
    body.if(body.load(4, cpu, L.FAULT), () => {
      this.#addToCounter(this.#counters(), L.RC_INSTRUCTIONS, body.i64(-1));
      body.store(4, cpu, this.budget().add(1), L.BUDGET);
      body.return(body.i32(0));
    });
    const trap = body.load(4, cpu, L.SYSFLAGS).and(TF);
    body.if(body.load(4, cpu, L.DOORBELL).or(trap), () => body.return(body.i32(0)));
    body.store(4, cpu, body.i32(0), L.LEAVE);
    body.tailCall(this.#chain, cpu, body.load(4, cpu, L.RIP).add(this.#codeBase()));
  }

  /** Linear address of code at `rip`. */
  #linear(rip: Value): Value {
    return this.#flat ? rip : rip.add(this.#codeBase());
  }

  #codeBase(): Value {
    const segment = this.#body.i32(L.SEG_CS).mul(L.SEG_SIZE);
    return this.#body.load(4, this.#cpu.add(segment), L.SEG + L.SEG_BASE);
  }

  #writeBack(rip: Value, budgetNow: Value, flagKind: Value): void {
    const body = this.#body;
    const budget = body.keep(budgetNow);
    this.#countRun(budget);
    this.#state.registers.storeWritten();
    this.#state.flags.store(flagKind);
    body.store(4, this.#cpu, rip, L.RIP);
    body.store(4, this.#cpu, budget, L.BUDGET);
  }

  /** Adds this run to the region's counters. */
  #countRun(budget: Value): void {
    const body = this.#body;
    const counters = body.keep(this.#counters());
    this.#addToCounter(counters, L.RC_RUNS, body.i64(1));
    this.#addToCounter(counters, L.RC_INSTRUCTIONS, body.get(this.#granted).sub(budget).extendS());
  }

  #counters(): Value {
    const index = this.#body.get(OWN_SLOT).and(L.RC_ENTRIES - 1);
    return this.#body.load(4, this.#cpu, L.REGION_COUNTERS).add(index.mul(L.RC_ENTRY_SIZE));
  }

  #addToCounter(counters: Value, counter: number, count: Value): void {
    this.#body.store(8, counters, this.#body.load(8, counters, counter).add(count), counter);
  }

  // ---- The instruction being emitted

  /** `left` counts the instructions of its block that follow. */
  beginInstruction({ instruction, offset }: PlacedInstruction, left: number): void {
    this.#offset = offset;
    this.#nextOffset = offset + instruction.length;
    this.#left = left;
  }

  address(): Value {
    return this.base.add(this.#offset);
  }

  next(): Value {
    return this.base.add(this.#nextOffset);
  }

  endInhibition(): void {
    this.#body.store(4, this.#cpu, this.#body.i32(0), L.SHADOW);
  }

  // ---- The budget

  spend(instructions: number): void {
    this.#body.set(this.#slice, this.#body.get(this.#slice).sub(instructions));
  }

  budget(): Value {
    return this.#body.get(this.#slice).add(this.#body.get(this.#held));
  }

  /** Takes the budget from the CPU block, where a function of the monitor has spent some. */
  loadBudget(): void {
    const body = this.#body;
    body.set(this.#slice, body.load(4, this.#cpu, L.BUDGET).sub(body.get(this.#held)));
  }

  // ---- Leaving

  /** Leaves for the instruction at `target`, bytes from the home page. */
  leaveTo(target: number): void {
    this.leaveToValue(this.base.add(target));
  }

  leaveToValue(target: Value): void {
    const { flags, x87 } = this.#state;
    const { state } = flags;
    flags.makeDynamic();
    flags.state = state;
    x87.spill();
    this.#body.set(this.#rip, target);
    this.#body.branch(this.#exit);
  }

  /** Leaves for `target`, and not straight into another region. */
  leaveToDispatcher(target: number): void {
    this.#body.store(4, this.#cpu, this.#body.i32(1), L.LEAVE);
    this.leaveTo(target);
  }

  /** Leaves by a call of the monitor. */
  leaveByMonitor(call: MonitorCall): void {
    const { flags } = this.#state;
    flags.makeCanonical();
    flags.makeDynamic();
    this.#body.set(this.#rip, this.address());
    this.#body.set(this.#packed, this.#body.i32(this.#monitorCalls.length));
    this.#monitorCalls.push(call);
    this.#body.branch(this.#monitorExit);
  }

  /** Leaves for the interpreter to do the instruction at `offset`. */
  leaveForInterpreter(offset: number): void {
    this.#leaveCold(offset, 0, L.COLD_INTERPRET);
  }

  /** Leaves at `offset` if the slice is used up. */
  leaveIfSpent(offset: number): void {
    this.#body.unlikely(this.#body.get(this.#slice).ltS(0), () => this.leaveTo(offset));
  }

  /** Leaves with the state as before this instruction. */
  cold(reason: number = L.COLD_MISS): void {
    this.#leaveCold(this.#offset, this.#left + 1, reason);
  }

  /** The same for a miss of `width` bytes from `start`: because they lie in two pages? */
  coldGroup(start: Value, width: number): void {
    const straddles = start
      .xor(start.add(width - 1))
      .shrU(PAGE_SHIFT)
      .bool();
    this.#body.set(this.#reason, straddles.mul(L.COLD_STRADDLE - L.COLD_MISS));
    this.cold();
  }

  #leaveCold(offset: number, left: number, reason: number): void {
    const body = this.#body;
    this.#state.x87.spill();
    if (reason !== L.COLD_MISS) body.set(this.#reason, body.i32(reason - L.COLD_MISS));
    body.set(this.#at, body.i32(offset));
    body.set(this.#packed, body.i32(left | (this.#state.flags.kind() << 8)));
    body.branch(this.#cold);
  }

  /** Leaves behind this instruction if the condition holds. */
  leaveBehindIf(condition: Value): void {
    this.#body.unlikely(condition, () => {
      if (this.inhibited) this.endInhibition();
      this.spend(-this.#left);
      this.leaveToValue(this.next());
    });
  }

  /** Leaves at this instruction, which is not done yet, if the condition holds. */
  leaveHereIf(condition: Value): void {
    this.#body.if(condition, () => this.leaveHere());
  }

  /** Leaves at this instruction, which is not done yet. */
  leaveHere(): void {
    this.spend(-this.#left - 1);
    this.leaveToValue(this.address());
  }

  // ---- The dispatch: where a region with several entries goes on

  /** Goes on at the entry asked for, one of `labels`, chosen by `hash`; arrivals compare (`arriveAt`). */
  dispatch(hash: PlaceHash, labels: readonly Label[]): void {
    const body = this.#body;
    const at = body.get(this.#at);
    body.block((nowhere) => {
      const places = hash.places.map((place) => (place === undefined ? nowhere : labels[place]!));
      body.branchTable(at.mul(hash.multiplier).shrU(hash.shift), [...places, nowhere]);
    });
    this.leaveToValue(this.base.add(at));
  }

  /** Behind the dispatch: leaves unless it was `offset` that was asked for. */
  arriveAt(offset: number): void {
    const at = this.#body.get(this.#at);
    this.#body.unlikely(at.ne(offset), () => this.leaveToValue(this.base.add(at)));
  }

  /** On through the dispatch, whose flags are dynamic, by the entry at `offset`. */
  enter(offset: number, dispatch: Label): void {
    this.#body.set(this.#at, this.#body.i32(offset));
    this.#body.branch(dispatch);
  }

  /**
   * On at a computed place: through the dispatch, which leaves if that is no entry of this region. As for branches to known
   * places, nothing of what the region stands on changes without its being left.
   */
  transfer(target: Value, dispatch: Label): void {
    const body = this.#body;
    const rip = body.keep(target);
    this.#state.flags.makeDynamic();
    body.unlikely(body.get(this.#slice).ltS(0), () => this.leaveToValue(rip));
    body.set(this.#at, rip.sub(this.base));
    body.branch(dispatch);
  }
}
