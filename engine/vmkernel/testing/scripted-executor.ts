// A stand-in for the CPU: each run() is answered by the next step of a script. Tests only.

import { EXIT_HALT, N_INSTRUCTIONS } from '../../cpu/abi/layout.ts';
import type { CreateExecutor, Executor, ExecutorHost, ExitReason } from '../../cpu/executor/executor-api.ts';
import type { RegionCode, RegionReport, RegionSummary } from '../../cpu/regions/region-report.ts';
import { CpuBlock } from '../shared/cpu-block.ts';

const REGION: RegionSummary = {
  id: 0,
  linear: 0xc0100000,
  physical: 0x100000,
  user: false,
  bits: 32,
  instructions: 1,
  entries: 1,
  pages: 1,
  wasmBytes: 100,
  madeMs: 1,
  runs: 1,
  executed: 0,
};

export type Step = (host: ExecutorHost | undefined, budget: number) => ExitReason;

export class ScriptedExecutor implements Executor {
  readonly memory: WebAssembly.Memory;
  readonly cpu: number;
  /** Steps to come; when they are used up the CPU halts. */
  readonly script: Step[] = [];
  /** Names of the calls, in order; run() is 'run'. */
  readonly calls: string[] = [];
  readonly budgets: number[] = [];
  readonly #host: ExecutorHost | undefined;

  constructor(memory: WebAssembly.Memory, cpu: number, host?: ExecutorHost) {
    this.memory = memory;
    this.cpu = cpu;
    this.#host = host;
  }

  run(budget: number): ExitReason {
    this.calls.push('run');
    this.budgets.push(budget);
    const block = new CpuBlock(this.memory, this.cpu);
    block.setCounter(N_INSTRUCTIONS, block.counter(N_INSTRUCTIONS) + budget);
    return this.script.shift()?.(this.#host, budget) ?? EXIT_HALT;
  }

  reset(): void {
    this.calls.push('reset');
  }

  stateReplaced(): void {
    this.calls.push('stateReplaced');
  }

  readonly awaitedPage = { page: 0, write: false };

  reconcile(): void {
    this.calls.push('reconcile');
  }

  withdrawWrites(): void {
    this.calls.push('withdrawWrites');
  }

  invalidateCode(): void {
    this.calls.push('invalidateCode');
  }

  /** One region for each run() so far. */
  regions(limit: number): RegionReport {
    const regions = this.budgets.map((budget, n) => ({ ...REGION, id: n + 1, executed: budget }));
    return { regions: regions.slice(0, limit), live: regions.length, executed: 0 };
  }

  regionCode(id: number): RegionCode | undefined {
    return id <= this.budgets.length ? { id, instructions: [], wasm: undefined, marks: [] } : undefined;
  }

  flushTlb(): void {
    this.calls.push('flushTlb');
  }
}

/** A factory that remembers what it made. */
export function scriptedExecutors(): { create: CreateExecutor; made: ScriptedExecutor[] } {
  const made: ScriptedExecutor[] = [];
  const create: CreateExecutor = ({ memory, cpu, host }) => {
    const executor = new ScriptedExecutor(memory, cpu, host);
    made.push(executor);
    return executor;
  };
  return { create, made };
}
