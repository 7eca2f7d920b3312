import { beforeEach, expect, test } from 'vitest';
import * as L from '../../abi/layout.ts';
import { TestMachine } from '../testing/machine.ts';

const [FIRST, SECOND, THIRD] = [0x20, 0x21, 0x22];
const at = (page: number) => page << 12;

let m: TestMachine;
beforeEach(async () => {
  m = await TestMachine.create();
  m.startDirtyLog();
  for (const page of [FIRST, SECOND, THIRD]) m.monitor.mem_write8(at(page), 1);
});

test('entries whose pages are as they were keep all they have', () => {
  m.monitor.tlb_reconcile();
  for (const page of [FIRST, SECOND, THIRD]) expect(m.tlb(at(page))).toMatchObject({ read: true, write: true });
});

test('only the pages whose dirty bits were taken lose their write tags', () => {
  m.clearDirty(SECOND);
  m.monitor.tlb_reconcile();
  expect(m.tlb(at(FIRST)).write).toBe(true);
  expect(m.tlb(at(SECOND))).toMatchObject({ read: true, write: false });
  m.monitor.mem_write8(at(SECOND), 2);
  expect(m.dirtyPages()).toEqual([FIRST, SECOND, THIRD]);
});

test('pages that are absent or elsewhere lose their mapping, those that are shared their write tag', () => {
  m.setP2m(FIRST, 0);
  m.setP2m(SECOND, m.spareMachinePage(0) | L.P2M_PRESENT);
  m.setP2m(THIRD, m.machinePage(THIRD) | L.P2M_PRESENT | L.P2M_COW);
  m.monitor.tlb_reconcile();
  expect(m.tlb(at(FIRST)).read).toBe(false);
  expect(m.tlb(at(SECOND)).read).toBe(false);
  expect(m.tlb(at(THIRD))).toMatchObject({ read: true, write: false });
});
