import { expect, it, vi } from 'vitest';
import { RegionGarbage } from './region-garbage.ts';

const MIB = 1024 * 1024;

it('has modules collected when there are enough of them, once', () => {
  const collect = vi.fn();
  const garbage = new RegionGarbage(collect);
  garbage.add(3 * MIB);
  garbage.collect();
  expect(collect).not.toHaveBeenCalled();
  garbage.add(MIB);
  garbage.collect();
  garbage.collect();
  expect(collect).toHaveBeenCalledOnce();
});

it('allocates nothing that stays', () => {
  const before = process.memoryUsage().rss;
  const garbage = new RegionGarbage();
  for (let n = 0; n < 20; n++) {
    garbage.add(4 * MIB);
    garbage.collect();
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
});
