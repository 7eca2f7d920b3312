// Breakpoints by address (Intel SDM vol. 3 §17.2.4, §17.3.1): which DR7 has enabled, and the checks of each kind. While any is
// enabled WATCH makes the dispatcher run one instruction at a time, and no TLB entry of a watched page has tags, so that every
// access to it comes through memory.ts.

import {
  CR4,
  DR,
  PENDING_TRAPS,
  SYSFLAGS,
  WATCH,
  WATCH_ALIGNMENT,
  WATCH_DATA,
  WATCH_EXECUTION,
  WATCH_PORTS,
} from '../../abi/layout.ts';
import { CR4_DE, EFLAGS_RF } from '../state/control-bits.ts';
import { raise, VECTOR_DB } from '../state/exceptions.ts';
import { PAGE_MASK, tlb_flush } from './tlb.ts';

const COUNT: u32 = 4;
const DR6: usize = DR + 6 * 8;
const DR6_BREAKPOINTS: u32 = 0xf;
const DR7: usize = DR + 7 * 8;
/** Local and global enable. */
const ENABLED: u32 = 3;

const ON_EXECUTION: u32 = 0;
const ON_WRITE: u32 = 1;
const ON_PORT: u32 = 2;
const ON_ACCESS: u32 = 3;

function is_enabled(cpu: usize, n: u32): bool {
  return ((load<u32>(cpu, DR7) >>> (n << 1)) & ENABLED) !== 0;
}

/** Port breakpoints exist only with CR4.DE; without it their encoding means nothing. */
function type_of(cpu: usize, n: u32): u32 {
  return (load<u32>(cpu, DR7) >>> (16 + (n << 2))) & 3;
}

/** Bytes. Encoding 2, eight bytes, is for 64-bit CPUs. */
function length_of(cpu: usize, n: u32): u32 {
  const code = (load<u32>(cpu, DR7) >>> (18 + (n << 2))) & 3;
  return code === 2 ? 8 : code + 1;
}

/** The address in DR0..3, rounded down to its length. */
function address_of(cpu: usize, n: u32): u32 {
  return load<u32>(cpu + DR + (n << 3)) & ~(length_of(cpu, n) - 1);
}

/** To be called when a debug register or CR4.DE has changed. */
export function breakpoints_update(cpu: usize): void {
  let watch: u32 = load<u32>(cpu, WATCH) & WATCH_ALIGNMENT;
  for (let n: u32 = 0; n < COUNT; n++) {
    if (!is_enabled(cpu, n)) continue;
    const type = type_of(cpu, n);
    if (type === ON_EXECUTION) watch |= WATCH_EXECUTION;
    else if (type !== ON_PORT) watch |= WATCH_DATA;
    else if ((load<u32>(cpu, CR4) & CR4_DE) !== 0) watch |= WATCH_PORTS;
  }
  if (((watch | load<u32>(cpu, WATCH)) & WATCH_DATA) !== 0) tlb_flush(cpu, 1);
  store<u32>(cpu, watch, WATCH);
}

/** Does a data breakpoint lie in the page of `linear`? */
export function is_watched_page(cpu: usize, linear: u32): bool {
  if ((load<u32>(cpu, WATCH) & WATCH_DATA) === 0) return false;
  for (let n: u32 = 0; n < COUNT; n++) {
    const type = type_of(cpu, n);
    if (!is_enabled(cpu, n) || type === ON_EXECUTION || type === ON_PORT) continue;
    if (((address_of(cpu, n) ^ linear) & PAGE_MASK) === 0) return true;
  }
  return false;
}

function meets(cpu: usize, n: u32, first: u32, size: u32): bool {
  const from = address_of(cpu, n);
  return (from as u64) < (first as u64) + size && (first as u64) < (from as u64) + length_of(cpu, n);
}

/** Notes an access of the running instruction to [linear, linear + size). */
export function watch_data(cpu: usize, linear: u32, size: u32, write: bool): void {
  let traps: u32 = 0;
  for (let n: u32 = 0; n < COUNT; n++) {
    const type = type_of(cpu, n);
    if (!is_enabled(cpu, n) || !(type === ON_ACCESS || (type === ON_WRITE && write))) continue;
    if (meets(cpu, n, linear, size)) traps |= 1 << n;
  }
  store<u32>(cpu, load<u32>(cpu, PENDING_TRAPS) | traps, PENDING_TRAPS);
}

/** Notes an access to ports. */
export function watch_port(cpu: usize, port: u32, size: u32): void {
  if ((load<u32>(cpu, WATCH) & WATCH_PORTS) === 0) return;
  let traps: u32 = 0;
  for (let n: u32 = 0; n < COUNT; n++) {
    if (is_enabled(cpu, n) && type_of(cpu, n) === ON_PORT && meets(cpu, n, port, size)) traps |= 1 << n;
  }
  store<u32>(cpu, load<u32>(cpu, PENDING_TRAPS) | traps, PENDING_TRAPS);
}

/** Raises #DB, as a fault, if an instruction breakpoint lies at `linear` and RF does not let it pass. */
export function execution_check(cpu: usize, linear: u32): void {
  if ((load<u32>(cpu, WATCH) & WATCH_EXECUTION) === 0 || (load<u32>(cpu, SYSFLAGS) & EFLAGS_RF) !== 0) return;
  let hit: u32 = 0;
  for (let n: u32 = 0; n < COUNT; n++) {
    if (is_enabled(cpu, n) && type_of(cpu, n) === ON_EXECUTION && load<u32>(cpu + DR + (n << 3)) === linear)
      hit |= 1 << n;
  }
  if (hit === 0) return;
  raise_debug(cpu, hit);
}

/** Reports `conditions`, as bits of DR6: those of breakpoints are replaced, the others stay until software clears them. */
export function debug_status_report(cpu: usize, conditions: u32): void {
  store<u64>(cpu, (load<u64>(cpu, DR6) & ~(DR6_BREAKPOINTS as u64)) | conditions, DR6);
}

/** #DB for `conditions`. */
export function raise_debug(cpu: usize, conditions: u32): void {
  debug_status_report(cpu, conditions);
  raise(cpu, VECTOR_DB, 0, 0);
}
