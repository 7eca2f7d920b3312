// A stand-in for the CPU: each run() is answered by the next step of a script. Tests only.

import type { CreateExecutor, Executor, ExecutorHost, ExitReason } from '../../executor/executor-api.ts';
import { EXIT_HALT, N_INSTRUCTIONS } from '../../isa/layout.ts';
import { CpuBlock } from '../cpu-block.ts';

export type Step = (host: ExecutorHost | undefined, budget: number) => ExitReason;

export class ScriptedExecutor implements Executor {
  readonly memory: WebAssembly.Memory;
  readonly cpu: number;
  /** Steps to come; when they are used up the CPU halts. */
  readonly script: Step[] = [];
  /** Names of the calls, in order; run() is 'run'. */
  readonly calls: string[] = [];
  readonly budgets: number[] = [];
  private readonly host: ExecutorHost | undefined;

  constructor(memory: WebAssembly.Memory, cpu: number, host?: ExecutorHost) {
    this.memory = memory;
    this.cpu = cpu;
    this.host = host;
  }

  run(budget: number): ExitReason {
    this.calls.push('run');
    this.budgets.push(budget);
    const block = new CpuBlock(this.memory, this.cpu);
    block.setCounter(N_INSTRUCTIONS, block.counter(N_INSTRUCTIONS) + budget);
    return this.script.shift()?.(this.host, budget) ?? EXIT_HALT;
  }

  reset(): void {
    this.calls.push('reset');
  }

  stateReplaced(): void {
    this.calls.push('stateReplaced');
  }

  withdrawWrites(): void {
    this.calls.push('withdrawWrites');
  }

  invalidateCode(): void {
    this.calls.push('invalidateCode');
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
