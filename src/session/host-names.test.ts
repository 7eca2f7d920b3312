import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VirtualTime } from '../../engine/base/testing/virtual-time.ts';
import { becomeFirstConsole, releaseName, reserveDefaultName, reserveName } from './host-names.ts';

/** Lock names of all tabs, with those who wait for each. */
const taken = new Map<string, Set<() => void>>();
let time: VirtualTime;
let answerMs = 0;

beforeEach(() => {
  time = new VirtualTime();
  vi.stubGlobal('navigator', { locks: { request: requestLock } });
});

afterEach(() => {
  vi.unstubAllGlobals();
  taken.clear();
  answerMs = 0;
});

/** Another tab takes the lock of the name. */
function takenElsewhere(name: string): void {
  taken.set(`tabvisor.host.${name}`, new Set());
}

function letGo(lock: string): void {
  const waiting = taken.get(lock) ?? [];
  taken.delete(lock);
  for (const granted of waiting) granted();
}

/** As LockManager.request does it with `ifAvailable` or a signal. */
async function requestLock(
  name: string,
  { ifAvailable, signal }: LockOptions,
  callback: (lock: object | null) => unknown,
): Promise<void> {
  await new Promise<void>((resolve) => time.after(answerMs, resolve));
  const waiting = taken.get(name);
  if (waiting && ifAvailable) return void callback(null);
  signal?.throwIfAborted();
  if (waiting) {
    await new Promise<void>((granted, aborted) => {
      waiting.add(granted);
      signal?.addEventListener('abort', () => aborted(signal.reason));
    });
  }
  taken.set(name, new Set());
  await callback({ name });
  letGo(name);
}

describe('host names', () => {
  it('are free on a browser that is slow to answer', async () => {
    answerMs = 5000;
    expect(await time.wait(becomeFirstConsole(time))).toBe(true);
    expect(await time.wait(reserveName('host-a', time))).toBe(true);
  });

  it('are taken on such a browser too while another tab has them', async () => {
    answerMs = 5000;
    takenElsewhere('host-a');
    expect(await time.wait(reserveName('host-a', time))).toBe(false);
  });

  it('are taken while another tab has them, and free again when it lets go', async () => {
    takenElsewhere('host-a');
    expect(await time.wait(reserveName('host-a', time))).toBe(false);
    expect(await time.wait(reserveDefaultName(time))).toBe('host-b');
    releaseName('host-b');
    expect(await time.wait(reserveName('host-b', time))).toBe(true);
  });

  it('wait for a page that is being reloaded to let go, and no longer', async () => {
    takenElsewhere('host-a');
    time.after(200, () => letGo('tabvisor.host.host-a'));
    expect(await time.wait(reserveName('host-a', time))).toBe(true);
    const freed = time.now();
    takenElsewhere('host-c');
    time.after(400, () => letGo('tabvisor.host.host-c'));
    expect(await time.wait(reserveName('host-c', time))).toBe(false);
    expect(time.now() - freed).toBe(300);
  });
});
