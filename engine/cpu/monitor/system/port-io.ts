// IN and OUT: the permission check, then the registers that are here, else the host's devices.

import { N_PORT_IO } from '../../abi/layout.ts';
import { watch_port } from '../memory/breakpoints.ts';
import { io_permission_check, io_permitted } from '../segments/tss.ts';
import { count } from '../state/counters.ts';
import { faulted } from '../state/exceptions.ts';
import { port_read, port_write } from '../state/host.ts';
import { registers_read, registers_write } from './register-files.ts';

export function port_in(cpu: usize, port: u32, size: u32): u32 {
  port &= 0xffff;
  io_permission_check(cpu, port, size);
  if (faulted(cpu)) return 0;
  count(cpu, N_PORT_IO);
  watch_port(cpu, port, size);
  const known = registers_read(cpu, port, size);
  return known >= 0 ? known : port_read(port, size);
}

export function port_out(cpu: usize, port: u32, size: u32, value: u32): void {
  port &= 0xffff;
  io_permission_check(cpu, port, size);
  if (faulted(cpu)) return;
  count(cpu, N_PORT_IO);
  watch_port(cpu, port, size);
  if (!registers_write(cpu, port, size, value)) port_write(port, size, value);
}

/** The same, if no check and no device is needed for it: 1 if it is done, else 0, and nothing has changed. */
export function port_out_quick(cpu: usize, port: u32, size: u32, value: u32): i32 {
  if (!io_permitted(cpu) || !registers_write(cpu, port & 0xffff, size, value)) return 0;
  count(cpu, N_PORT_IO);
  return 1;
}
