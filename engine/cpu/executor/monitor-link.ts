// What the executor and the monitor's instance are to each other: the exports that are called from here, and the imports by
// which the guest reaches its devices.

import type { MonitorHost } from '../abi/monitor-host.ts';
import type { ExecutorHost } from './executor-api.ts';

/** cpu/monitor/index.ts says what each does. `cpu`: machine address of the CPU block. */
export interface MonitorExports {
  run(cpu: number, budget: number): number;
  cpu_reset(cpu: number): void;
  breakpoints_update(cpu: number): void;
  mode_update(cpu: number): void;
  code_address(cpu: number, linear: number): number;
  code_page(cpu: number, linear: number): number;
  code_mappings_changed(cpu: number): void;
  readable_page(cpu: number, page: number): number;
  page_for_reads(cpu: number, page: number): number;
  page_for_writes(cpu: number, page: number): number;
  tlb_flush(cpu: number, global: number): void;
  tlb_withdraw_writes(cpu: number): void;
  tlb_withdraw_page_writes(cpu: number, machine: number): void;
  tlb_reconcile(cpu: number): void;
}

/** `codeWritten`: the guest has written [physical, physical + size) of a page with code. */
export function monitorHost(host: ExecutorHost, codeWritten: (physical: number, size: number) => void): MonitorHost {
  return {
    port_read: (port, size) => host.portRead(port, size),
    port_write: (port, size, value) => host.portWrite(port, size, value >>> 0),
    mmio_read: (physical, size) => host.mmioRead(physical >>> 0, size),
    mmio_write: (physical, size, value) => host.mmioWrite(physical >>> 0, size, value >>> 0),
    local_apic_moved: (base) => host.localApicMoved?.(base === 0 ? undefined : base >>> 0),
    tsc: () => host.timestamp(),
    code_write: (physical, size) => codeWritten(physical >>> 0, size),
    p2m_fault: (page, write) => {
      if (!host.pageFault) throw new Error(`page ${page} of memory has no machine page`);
      return host.pageFault(page, write !== 0) ? 1 : 0;
    },
    not_implemented: (opcode, linear) => {
      const bytes = [0, 8, 16, 24].map((shift) => ((opcode >>> shift) & 0xff).toString(16).padStart(2, '0'));
      host.notImplemented(bytes.join(' '), linear >>> 0);
    },
  };
}
