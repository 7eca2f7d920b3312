// What another thread has taken away from the vCPU, in the p2m, the dirty log or the code map, leaves its TLBs here: one pass over the
// entries that are filled, whatever the number of pages. Called at safe points (vmkernel/shared/shootdown.ts).

import {
  PLANAR_GRANTED,
  TLB_FILLED_COUNT,
  TLB_INVALID,
  TLB_PHYSICAL,
  TLB_READ_TAG,
  TLB_WRITE_TAG,
} from '../../abi/layout.ts';
import { is_memory, present_page, window_of, window_reads, window_writes, writes_may_pass } from './physical.ts';
import { filled_entry, invalidate_entry, machine_of } from './tlb.ts';

/** Invalidates entries of pages that are absent or elsewhere now, and withdraws write tags that are no longer granted. */
export function tlb_reconcile(cpu: usize): void {
  store<u32>(cpu, 0, PLANAR_GRANTED);
  const count = load<u32>(cpu, TLB_FILLED_COUNT);
  for (let place: u32 = 0; place < count; place++) {
    const entry = filled_entry(cpu, place);
    if (load<u32>(entry, TLB_READ_TAG) === (TLB_INVALID as u32)) continue;
    const frame = load<u32>(entry, TLB_PHYSICAL) >>> 12;
    const window = window_of(cpu, frame);
    const page = window_reads(window, frame);
    if (!is_memory(page) || present_page(cpu, page) !== machine_of(entry)) invalidate_entry(entry);
    else if (window_writes(window, frame) !== page || !writes_may_pass(cpu, page))
      store<u32>(entry, TLB_INVALID, TLB_WRITE_TAG);
  }
}
