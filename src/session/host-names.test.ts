import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { becomeFirstConsole, releaseName, reserveDefaultName, reserveName } from './host-names.ts';

/** Of all tabs. */
const taken = new Set<string>();
let answerMs = 0;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', { locks: { request: requestLock } });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  taken.clear();
  answerMs = 0;
});

/** As LockManager.request does it with `ifAvailable`. */
async function requestLock(name: string, _options: { ifAvailable: true }, callback: (lock: object | null) => unknown) {
  await new Promise((resolve) => setTimeout(resolve, answerMs));
  if (taken.has(name)) return callback(null);
  taken.add(name);
  await callback({ name });
  taken.delete(name);
}

async function settled<T>(promise: Promise<T>): Promise<T> {
  await vi.runAllTimersAsync();
  return promise;
}

describe('host names', () => {
  it('are free on a browser that is slow to answer', async () => {
    answerMs = 5000;
    expect(await settled(becomeFirstConsole())).toBe(true);
    expect(await settled(reserveName('host-a'))).toBe(true);
  });

  it('are taken while another tab has them, and free again when it lets go', async () => {
    taken.add('tabvisor.host.host-a');
    expect(await settled(reserveName('host-a'))).toBe(false);
    expect(await settled(reserveDefaultName())).toBe('host-b');
    releaseName('host-b');
    await vi.runAllTimersAsync();
    expect(await settled(reserveName('host-b'))).toBe(true);
  });

  it('wait for a page that is being reloaded to let go', async () => {
    taken.add('tabvisor.host.host-a');
    setTimeout(() => taken.clear(), 200);
    expect(await settled(reserveName('host-a'))).toBe(true);
  });
});
