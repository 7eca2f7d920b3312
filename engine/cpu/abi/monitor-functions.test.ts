// The records of the monitor's functions against the compiled monitor: what a function or anything that it calls does to the
// CPU block must be among its effects, and the other way round.

import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { ensureMonitor } from '../../../scripts/build-monitor.ts';
import { type Reach, reachOfExports } from '../monitor/testing/monitor-graph.ts';
import * as L from './layout.ts';
import { type AnyMonitorFunction, MONITOR_FUNCTIONS } from './monitor-functions.ts';
import type { Effect } from './monitor-record.ts';

const NAMES = Object.keys(MONITOR_FUNCTIONS) as AnyMonitorFunction[];
const X87_FIELDS = [L.FPU_TOP, L.FPU_CW, L.FPU_SW, L.FPU_TAG, L.FPU_OPCODE, L.FPU_CS, L.FPU_IP, L.FPU_DS, L.FPU_DP];
/** The control word is always in the CPU block: to read it is no effect. */
const READ_FIELDS = X87_FIELDS.filter((field) => field !== L.FPU_CW);
const FLAG_FIELDS = [L.F_KIND, L.F_A, L.F_B, L.F_R];

let reach: Map<string, Reach>;
beforeAll(async () => {
  reach = reachOfExports(new Uint8Array(readFileSync(await ensureMonitor())));
});

const touches = (offsets: ReadonlySet<number>, fields: readonly number[]) => fields.some((field) => offsets.has(field));

/** Functions whose records have the effect, and those whose code shows it, but for exceptions with their reasons. */
function compare(
  effect: Effect,
  shows: (reach: Reach) => boolean,
  exceptions: Partial<Record<AnyMonitorFunction, string>>,
) {
  const judged = NAMES.filter((name) => exceptions[name] === undefined);
  const declared = judged.filter((name) => MONITOR_FUNCTIONS[name].effects.has(effect));
  const shown = judged.filter((name) => shows(reach.get(name)!));
  expect(declared).toEqual(shown);
}

test('faults', () => compare('faults', ({ stores }) => stores.has(L.FAULT), {}));

test('transfers', () => compare('transfers', ({ stores }) => stores.has(L.RIP), {}));

test('writes flags', () => {
  const whole = 'leaves its flags to who goes on at the new RIP';
  compare('writes flags', ({ stores }) => touches(stores, FLAG_FIELDS), {
    cli: 'rewrites the flags that are there when it changes VIF',
    sti: 'rewrites the flags that are there when it changes VIF',
    far_jump: whole,
    far_call: whole,
    interrupt_return: whole,
    interrupt_software: whole,
    interrupt_trap: whole,
    interrupt_icebp: whole,
    sysenter: whole,
    string_scas: 'registers, which stands for flags too',
    string_cmps: 'registers, which stands for flags too',
  });
});

test('x87', () => {
  const looked = 'looks at the status word, which is always in the CPU block';
  compare('x87', ({ loads, stores }) => touches(loads, READ_FIELDS) || touches(stores, X87_FIELDS), {
    fpu_check: looked,
    fpu_check_nowait: looked,
    fpu_wait: 'may be followed by what is done when an exception was pending',
    mmx_check: 'is followed by instructions on MMX registers',
  });
});

test('stores and loads reach guest memory, and nothing else does but page walks', () => {
  for (const name of NAMES) {
    const { effects } = MONITOR_FUNCTIONS[name];
    const { imports } = reach.get(name)!;
    if (effects.has('stores')) expect(imports, name).toContain('code_write');
    if (effects.has('loads')) expect(imports, name).toContain('mmio_read');
    if (!effects.has('stores') && !effects.has('loads')) expect(imports, name).not.toContain('mmio_write');
  }
});

test('a function without effects touches nothing of the CPU block but FPU_RESULT', () => {
  const fields = (offsets: Set<number>) =>
    [...offsets].filter((offset) => offset >= L.RIP && offset < L.TLB_SUPERVISOR);
  const result = new Set([L.FPU_RESULT, L.FPU_RESULT + 8]);
  for (const name of NAMES) {
    const { effects, results } = MONITOR_FUNCTIONS[name];
    if (effects.size > 0 || results.length > 0) continue;
    expect(
      fields(reach.get(name)!.stores).filter((offset) => !result.has(offset)),
      name,
    ).toEqual([]);
  }
});
