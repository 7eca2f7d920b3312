import { expect, it } from 'vitest';
import { VcpuWatch } from './vcpu-watch.ts';

/** Looks every half second; when it first says that the vCPU hangs, in ms. */
function hangsAt(turnsAt: (ms: number) => number, end: number, looks = (ms: number) => ms): number | undefined {
  const watch = new VcpuWatch();
  for (let ms = 0; ms < end; ms += 500) if (watch.look(looks(ms), turnsAt(ms))) return ms;
  return undefined;
}

it('notices a turn that does not end, and nothing sooner', () => {
  expect(hangsAt((ms) => (ms < 10_000 ? ms / 500 : 21), 100_000)).toBe(40_000);
});

it('takes neither a halted or paused vCPU nor one with long turns for one that hangs', () => {
  expect(hangsAt(() => 42, 1e6)).toBeUndefined();
  expect(hangsAt((ms) => 2 * Math.floor(ms / 20_000) + 1, 1e6)).toBeUndefined();
});

it('does not count time in which it did not run itself', () => {
  const frozen = (ms: number) => (ms < 15_000 ? ms : ms + 3_600_000);
  expect(hangsAt(() => 1, 30_000, frozen)).toBeUndefined();
  expect(hangsAt(() => 1, 60_000, frozen)).toBe(30_500);
});
