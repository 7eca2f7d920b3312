// Host names that are unique among all tabs of this origin, without asking anybody: a tab holds a Web Lock for each name
// it uses, and the browser frees it when the tab goes.

import { nameKey } from '../../engine/base/object-name.ts';

const MASTER_LOCK = 'tabvisor.console';
/** One lock for all forms of a name that count as the same. */
const lockOf = (name: string) => `tabvisor.host.${nameKey(name)}`;

/** Time for a page that is being reloaded to let go of its locks, ms. */
const RELOAD_MS = 300;
const RETRY_MS = 50;

/** Takes a lock for the rest of this page's life, or until the returned function is called. Undefined: another tab has it. */
async function hold(lock: string): Promise<(() => void) | undefined> {
  // The browser may be slow to answer: only its answers count, not that none has come yet.
  const deadline = performance.now() + RELOAD_MS;
  for (;;) {
    const release = await holdIfAvailable(lock);
    if (release || performance.now() > deadline) return release;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function holdIfAvailable(lock: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    const answered = (granted: Lock | null) => {
      if (granted) return new Promise<void>((release) => resolve(release));
      resolve(undefined);
    };
    navigator.locks.request(lock, { ifAvailable: true }, answered).catch(reject);
  });
}

const held = new Map<string, () => void>();

/** The first console of the origin starts the default hosts; later ones only look on. */
export async function becomeFirstConsole(): Promise<boolean> {
  return (await hold(MASTER_LOCK)) !== undefined;
}

/** @returns whether the name was free; it is ours from now on */
export async function reserveName(name: string): Promise<boolean> {
  const release = await hold(lockOf(name));
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
export async function reserveDefaultName(): Promise<string> {
  for (let index = 0; ; index++) {
    const name = defaultHostName(index);
    if (await reserveName(name)) return name;
  }
}
