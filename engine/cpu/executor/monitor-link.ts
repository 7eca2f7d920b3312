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
  tlb_flush(cpu: number, global: number): void;
  tlb_withdraw_writes(cpu: number): void;
  tlb_withdraw_page_writes(cpu: number, physical: number): void;
}

/** Page faults of the p2m (copy-on-write, not present): the machine memory's owner makes the page usable. */
export type P2mFault = (page: number, write: boolean) => void;

/** `codeWritten`: the guest has written [physical, physical + size) of a page with code. */
export function monitorHost(
  host: ExecutorHost,
  codeWritten: (physical: number, size: number) => void,
  p2mFault?: P2mFault,
): MonitorHost {
  return {
    port_read: (port, size) => host.portRead(port, size),
    port_write: (port, size, value) => host.portWrite(port, size, value >>> 0),
    mmio_read: (physical, size) => host.mmioRead(physical >>> 0, size),
    mmio_write: (physical, size, value) => host.mmioWrite(physical >>> 0, size, value >>> 0),
    local_apic_moved: (base) => host.localApicMoved?.(base === 0 ? undefined : base >>> 0),
    tsc: () => host.timestamp(),
    code_write: (physical, size) => codeWritten(physical >>> 0, size),
    p2m_fault: (page, write) => {
      if (!p2mFault) throw new Error(`guest page ${page} has no machine page`);
      p2mFault(page, write !== 0);
    },
    not_implemented: (opcode, linear) => {
      const bytes = [0, 8, 16, 24].map((shift) => ((opcode >>> shift) & 0xff).toString(16).padStart(2, '0'));
      host.notImplemented(bytes.join(' '), linear >>> 0);
    },
  };
}
