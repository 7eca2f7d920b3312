// One vCPU's execution engine: instantiates monitor and interpreter over the host's memory and connects them with the vCPU's code
// (vcpu-code.ts). Used only in the vCPU's worker, between and inside run().

import { failedIn } from '../../base/engine-failure.ts';
import * as L from '../abi/layout.ts';
import { handlerSlots } from '../interpreter/module.ts';
import type { RegionCode, RegionReport } from '../regions/region-report.ts';
import { RegionTable } from '../translator/region-table.ts';
import type { Executor, ExecutorOptions, ExitReason, PageNeed } from './executor-api.ts';
import { type MonitorExports, monitorHost } from './monitor-link.ts';
import { type ExecutorTuning, VcpuCode } from './vcpu-code.ts';

export type { ExecutorTuning } from './vcpu-code.ts';

class VcpuExecutor implements Executor {
  readonly cpu: number;
  readonly memory: WebAssembly.Memory;
  readonly #monitor: MonitorExports;
  readonly #words: Uint32Array;
  readonly #code: VcpuCode;

  constructor(options: ExecutorOptions & { tuning?: ExecutorTuning }) {
    const { memory, cpu, host } = options;
    this.cpu = cpu;
    this.memory = memory;
    this.#words = new Uint32Array(memory.buffer);
    const slots = handlerSlots(options.interpreterModule);
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: slots.size + 1 });
    const env = { memory, table };
    const devices = monitorHost(host, (physical, size) => this.#code.written(physical, size));
    const blocks = {
      find_block: (linear: number, mode: number) => {
        try {
          this.#code.find(linear >>> 0, mode);
        } catch (error) {
          throw failedIn(`while decoding the code at ${hex(linear)}`, error);
        }
      },
      hot_block: (linear: number, mode: number) => {
        try {
          this.#code.translate(linear >>> 0, mode);
        } catch (error) {
          throw failedIn(`while translating the code at ${hex(linear)}`, error);
        }
      },
      left_often: (linear: number, mode: number, reason: number) => this.#code.leftOften(linear >>> 0, mode, reason),
      acknowledge_interrupt: () => host.acknowledgeInterrupt(),
    };
    const monitor = new WebAssembly.Instance(options.monitorModule, { env, host: { ...devices }, blocks });
    this.#monitor = monitor.exports as unknown as MonitorExports;
    const interpreter = new WebAssembly.Instance(options.interpreterModule, { env, monitor: monitor.exports });
    this.#code = new VcpuCode({
      ...{ memory, cpu, slots },
      monitor: this.#monitor,
      regionTable: new RegionTable(memory, table, monitor.exports, interpreter.exports, slots.size + 1),
      tuning: options.tuning ?? {},
      translator: options.translator,
      now: options.now ?? (() => 0),
    });
  }

  run(budget: number): ExitReason {
    this.#code.tidy();
    return this.#monitor.run(this.cpu, budget) as ExitReason;
  }

  reset(): void {
    this.#code.dropAll();
    this.#monitor.cpu_reset(this.cpu);
    this.stateReplaced();
  }

  stateReplaced(): void {
    this.#code.dropAll();
    this.#monitor.breakpoints_update(this.cpu);
    this.#monitor.mode_update(this.cpu);
    this.#monitor.tlb_flush(this.cpu, 1);
  }

  get awaitedPage(): PageNeed {
    const awaited = this.#words[(this.cpu + L.AWAITED_PAGE) >>> 2]!;
    return { page: (awaited >>> 1) - 1, write: (awaited & 1) === 1 };
  }

  reconcile(): void {
    this.#monitor.tlb_reconcile(this.cpu);
  }

  withdrawWrites(): void {
    this.#monitor.tlb_withdraw_writes(this.cpu);
  }

  flushTlb(): void {
    this.#monitor.tlb_flush(this.cpu, 1);
  }

  invalidateCode(physical: number, size: number): void {
    this.#code.written(physical, size);
  }

  regions(limit: number): RegionReport {
    return this.#code.log.report(limit);
  }

  regionCode(id: number): RegionCode | undefined {
    return this.#code.log.code(id);
  }
}

function hex(linear: number): string {
  return `0x${(linear >>> 0).toString(16)}`;
}

export function createExecutor(options: ExecutorOptions & { tuning?: ExecutorTuning }): Executor {
  return new VcpuExecutor(options);
}
