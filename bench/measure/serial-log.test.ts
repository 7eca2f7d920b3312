import { describe, expect, it } from 'vitest';
import { SerialLog } from './serial-log.ts';

function logAt() {
  const clock = { now: 1000 };
  return { clock, log: new SerialLog(() => clock.now) };
}

describe('SerialLog', () => {
  it('tells when the last character of a text came that arrived in pieces', async () => {
    const { clock, log } = logAt();
    clock.now = 1100;
    log.push('root@gu');
    clock.now = 1250;
    log.push('est:~# ');
    clock.now = 1900;
    log.push('more');
    expect(await log.waitFor('root@guest:', 10)).toEqual({ at: 250, groups: ['root@guest:'] });
  });

  it('finds each occurrence once, and waits for what has not come yet', async () => {
    const { clock, log } = logAt();
    log.push('tick 1\n');
    expect((await log.waitFor('tick (\\d)', 10)).groups).toEqual(['tick 1', '1']);
    const second = log.waitFor('tick (\\d)', 1000);
    clock.now = 1007;
    log.push('tick 2\n');
    expect(await second).toEqual({ at: 7, groups: ['tick 2', '2'] });
  });

  it('rejects with what was printed when the text does not come', async () => {
    const { log } = logAt();
    log.push('Kernel panic');
    await expect(log.waitFor('prompt', 5)).rejects.toThrow(/no "prompt" within 5 ms.*\n?.*Kernel panic/);
  });

  it('rejects at once when the guest has ended, but still finds what it printed before', async () => {
    const { log } = logAt();
    log.push('bye');
    log.end('exit status 4');
    expect((await log.waitFor('bye', 1000)).groups).toEqual(['bye']);
    await expect(log.waitFor('more', 60_000)).rejects.toThrow('exit status 4');
  });
});
