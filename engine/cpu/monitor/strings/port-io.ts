// INS and OUTS (Intel SDM vol. 2; vol. 1 §18.5). Each element is one device access, made only once memory is known to take
// or give it.

import { N_PORT_IO, RCX, RDI, RDX, RSI, SEG_ES } from '../../abi/layout.ts';
import { watch_port } from '../memory/breakpoints.ts';
import { linear_probe } from '../memory/memory.ts';
import { ACCESS_WRITE } from '../memory/paging.ts';
import { current_access } from '../memory/translate.ts';
import { io_permission_check } from '../segments/tss.ts';
import { count } from '../state/counters.ts';
import { faulted } from '../state/exceptions.ts';
import { port_read, port_write } from '../state/host.ts';
import { size_mask, sized_write } from '../state/registers.ts';
import { element_linear, element_read, element_write, index_advance, pause_due, REP_NONE } from './run.ts';

export function string_ins(cpu: usize, size: u32, addressSize: u32, _source: u32, rep: u32): u32 {
  const mask = size_mask(addressSize);
  const access = current_access(cpu);
  const port = load<u32>(cpu, RDX) & 0xffff;
  io_permission_check(cpu, port, size);
  if (faulted(cpu)) return 0;
  let left = rep === REP_NONE ? 1 : load<u32>(cpu, RCX) & mask;
  while (left !== 0) {
    const linear = element_linear(cpu, SEG_ES, load<u32>(cpu, RDI) & mask, size, 1);
    if (faulted(cpu)) return 0;
    linear_probe(cpu, linear, size, access | ACCESS_WRITE);
    if (faulted(cpu)) return 0;
    count(cpu, N_PORT_IO);
    watch_port(cpu, port, size);
    element_write(cpu, linear, size, port_read(port, size), access);
    index_advance(cpu, RDI, addressSize, size, 1);
    left--;
    if (rep === REP_NONE) return 0;
    sized_write(cpu + RCX, addressSize, left);
    if (left !== 0 && pause_due(cpu, 1)) return 1;
  }
  return 0;
}

export function string_outs(cpu: usize, size: u32, addressSize: u32, source: u32, rep: u32): u32 {
  const mask = size_mask(addressSize);
  const access = current_access(cpu);
  const port = load<u32>(cpu, RDX) & 0xffff;
  io_permission_check(cpu, port, size);
  if (faulted(cpu)) return 0;
  let left = rep === REP_NONE ? 1 : load<u32>(cpu, RCX) & mask;
  while (left !== 0) {
    const linear = element_linear(cpu, source, load<u32>(cpu, RSI) & mask, size, 0);
    if (faulted(cpu)) return 0;
    const value = element_read(cpu, linear, size, access);
    if (faulted(cpu)) return 0;
    count(cpu, N_PORT_IO);
    watch_port(cpu, port, size);
    port_write(port, size, value);
    index_advance(cpu, RSI, addressSize, size, 1);
    left--;
    if (rep === REP_NONE) return 0;
    sized_write(cpu + RCX, addressSize, left);
    if (left !== 0 && pause_due(cpu, 1)) return 1;
  }
  return 0;
}
