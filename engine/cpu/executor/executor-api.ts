// What runs guest instructions, seen from the outside: one Executor per vCPU, created and used only in the worker that
// owns that vCPU. It hides the interpreter, the translator and the monitor; its caller (engine/vmkernel/vcpu/vcpu.ts) sees
// slices, exits and the CPU block.
//
// Contract:
// - Between two calls of run() the CPU block is architectural: RIP points at the next instruction, arithmetic flags are
//   canonical (F_KIND 0), no exception is left undelivered. That point is the vCPU's safe point.
// - Interrupts are asked for in DOORBELL (layout.ts). run() takes DOORBELL_INTR when EFLAGS.IF allows it, fetching the
//   vector with host.acknowledgeInterrupt(); it never clears DOORBELL_INTR itself, the interrupt controller's output does.
//   run() returns soon after DOORBELL_STOP is seen (at the next block boundary) and does not clear it.
// - run() returns EXIT_PAGE when it has come to a page of memory that is absent, with nothing changed by what needed it. Called again
//   it restarts that instruction, whether the page is there or not.
// - run() returns EXIT_FPU_ERROR when it has come to an instruction that waits for the x87 while an error waits there, CR0.NE is clear and
//   FPU_IGNNE is 0. Called again it tries that instruction again, unless an interrupt can be taken.
// - run() on a halted CPU returns EXIT_HALT at once unless an interrupt can be taken.
// - Guest accesses to ports and MMIO, and RDTSC, come back through ExecutorHost, synchronously.

import type { EXIT_FPU_ERROR, EXIT_HALT, EXIT_PAGE, EXIT_SHUTDOWN, EXIT_SLICE, EXIT_STOP } from '../abi/layout.ts';
import type { RegionCode, RegionReport } from '../regions/region-report.ts';
import type { TranslatorPort } from '../regions/translation-service.ts';

/** EXIT_* of layout.ts. */
export type ExitReason =
  | typeof EXIT_SLICE
  | typeof EXIT_HALT
  | typeof EXIT_STOP
  | typeof EXIT_SHUTDOWN
  | typeof EXIT_PAGE
  | typeof EXIT_FPU_ERROR;

/** A page of the VM's memory that is needed. */
export interface PageNeed {
  page: number;
  /** It is to be written: copy-on-write is not enough. */
  write: boolean;
}

/** What the guest reaches outside of its CPU and RAM. Sizes are bytes: 1, 2 or 4. Values are unsigned. */
export interface ExecutorHost {
  portRead(port: number, size: number): number;
  portWrite(port: number, size: number, value: number): void;
  mmioRead(physical: number, size: number): number;
  mmioWrite(physical: number, size: number, value: number): void;
  /** Where IA32_APIC_BASE puts the local APIC; undefined: nowhere. Only for machines with one. */
  localApicMoved?(base: number | undefined): void;
  /** Ticks of TSC_HZ since power-on, strictly increasing from call to call. The monitor adds TSC_OFFSET. */
  timestamp(): number;
  /**
   * Makes a page of memory present in the p2m, and private if it is to be written. False: that takes longer, and run() returns EXIT_PAGE.
   * Not needed where every page is present and private.
   */
  pageFault?(page: number, write: boolean): boolean;
  /** The interrupt controller's INTA cycle: the vector to deliver. Called only while DOORBELL_INTR is set. */
  acknowledgeInterrupt(): number;
  /** An instruction that is not done yet has raised #UD. `linear` is its address. */
  notImplemented(mnemonic: string, linear: number): void;
}

export interface ExecutorOptions {
  /** The host's machine memory, shared. */
  memory: WebAssembly.Memory;
  /** Machine address of the CPU block; P2M, MEM_PAGES, WINDOWS, DIRTY_BITMAP, CODE_MAP, ARENA_* are already filled in. */
  cpu: number;
  /** Compiled build/monitor.wasm and build/interpreter.wasm. */
  monitorModule: WebAssembly.Module;
  interpreterModule: WebAssembly.Module;
  host: ExecutorHost;
  /** Monotonic ms with fractions: used to measure what translation costs. Without it that is 0. */
  now?: () => number;
  /** Makes regions while the guest goes on in the interpreter. Without it they are made at once, by the vCPU's worker. */
  translator?: TranslatorPort | undefined;
}

export interface Executor {
  /** Machine address of the CPU block. */
  readonly cpu: number;
  readonly memory: WebAssembly.Memory;
  /** Runs at most about `budget` guest instructions (a block is not cut). */
  run(budget: number): ExitReason;
  /** Puts the CPU block into its state after RESET (fields of the host side excepted) and forgets all decoded code. */
  reset(): void;
  /** The CPU block or guest memory was replaced from outside (boot, restore): recompute derived state, drop TLBs and code. */
  stateReplaced(): void;
  /** The page for which run() has returned EXIT_PAGE last. */
  readonly awaitedPage: PageNeed;
  /** Invalidates every write tag of both TLBs, so that the next write to any page goes through the slow path. */
  withdrawWrites(): void;
  /** Others have changed the p2m or the dirty log: takes from the TLBs what these do not grant any more. */
  reconcile(): void;
  /** Empties both TLBs and the jump cache, as after a change of the memory map. May be called from within ExecutorHost (address line A20 switched by a port write). */
  flushTlb(): void;
  /** What ran most in translated code: at most `limit` regions. At a safe point. */
  regions(limit: number): RegionReport;
  /** The code of one region; undefined when it is no more. At a safe point. */
  regionCode(id: number): RegionCode | undefined;
  /** Drops decoded and translated code read from guest-physical [physical, physical + size). */
  invalidateCode(physical: number, size: number): void;
}

/** engine/cpu/executor/executor.ts exports `createExecutor` of this type. */
export type CreateExecutor = (options: ExecutorOptions) => Executor;
