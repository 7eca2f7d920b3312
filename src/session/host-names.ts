// Host names that are unique among all tabs of this origin, without messages between them: a tab holds a Web Lock for each name
// it uses, and the browser frees it when the tab goes.

import { nameKey } from '../../engine/base/object-name.ts';
import { systemTimebase, type Timebase } from '../../engine/base/timebase.ts';

const MASTER_LOCK = 'tabvisor.console';
/** One lock for all forms of a name that count as the same. */
const lockOf = (name: string) => `tabvisor.host.${nameKey(name)}`;

/** Time for a page that is being reloaded to let go of its locks, ms. */
const RELOAD_MS = 300;

/** Takes a lock for the rest of this page's life, or until the returned function is called. Undefined: another tab has it. */
async function hold(lock: string, timebase: Timebase): Promise<(() => void) | undefined> {
  // The browser may be slow to answer: it is waited for without a limit whether the lock is free at all.
  const release = await request(lock, { ifAvailable: true });
  if (release) return release;
  const wait = new AbortController();
  const stop = timebase.after(RELOAD_MS, () => wait.abort());
  return request(lock, { signal: wait.signal }).finally(stop);
}

function request(lock: string, options: LockOptions): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const answered = (granted: Lock | null) => {
      if (granted) return new Promise<void>((release) => resolve(release));
      resolve(undefined);
    };
    navigator.locks
      .request(lock, options, answered)
      .catch((error) => (options.signal?.aborted ? resolve(undefined) : reject(error)));
  });
}

const held = new Map<string, () => void>();

/** The first console of the origin starts the default hosts; later ones only look on. */
export async function becomeFirstConsole(timebase = systemTimebase): Promise<boolean> {
  return (await hold(MASTER_LOCK, timebase)) !== undefined;
}

/** @returns whether the name was free; it is ours from now on */
export async function reserveName(name: string, timebase = systemTimebase): Promise<boolean> {
  const release = await hold(lockOf(name), timebase);
  if (release) held.set(nameKey(name), release);
  return release !== undefined;
}

export function releaseName(name: string): void {
  held.get(nameKey(name))?.();
  held.delete(nameKey(name));
}

/** host-a, host-b … host-z, host-27 … */
export function defaultHostName(index: number): string {
  return `host-${index < 26 ? String.fromCharCode(97 + index) : index + 1}`;
}

/** Reserves and returns the first default name that no tab uses. */
export async function reserveDefaultName(timebase = systemTimebase): Promise<string> {
  for (let index = 0; ; index++) {
    const name = defaultHostName(index);
    if (await reserveName(name, timebase)) return name;
  }
}
