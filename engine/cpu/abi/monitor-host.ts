// What the monitor asks of the machine around it: the WebAssembly imports of module "host". The other imports are
// "env.memory" (the host's shared memory) and "env.table" (the shared function table).
//
// All numbers arrive as WebAssembly i32, that is signed: `>>> 0` them where the top bit matters. None of these may move or
// free a page of the running VM except as `p2m_fault` says.

export interface MonitorHost {
  /** Sizes 1, 2, 4. */
  port_read(port: number, size: number): number;
  port_write(port: number, size: number, value: number): void;
  /** Guest-physical address outside of memory; sizes 1, 2, 4. What no device claims reads as all ones. */
  mmio_read(physical: number, size: number): number;
  mmio_write(physical: number, size: number, value: number): void;
  /** IA32_APIC_BASE has been written: where the local APIC is now, 0 if it is disabled. */
  local_apic_moved(base: number): void;
  /** Ticks of TSC_HZ on the host's clock, monotonic; the monitor adds TSC_OFFSET. */
  tsc(): number;
  /** A store of `size` bytes to a page marked in the code map has just been done: drop what was decoded from it. */
  code_write(physical: number, size: number): void;
  /**
   * Makes a page of memory present in the p2m, and private (not P2M_COW) when `write` is 1. 0 if that takes longer: the vCPU stops and
   * run() returns EXIT_PAGE.
   */
  p2m_fault(page: number, write: number): number;
  /** An instruction without an implementation was met; #UD follows. */
  not_implemented(opcode: number, linearPc: number): void;
}
