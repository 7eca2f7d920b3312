// Host names that are unique among all tabs of this origin, without asking anybody: a tab holds a Web Lock for each name
// it uses, and the browser frees it when the tab goes.

const MASTER_LOCK = 'tabvisor.console';
const lockOf = (name: string) => `tabvisor.host.${name}`;

/** Time for a page that is being reloaded to let go of its locks, ms. */
const RELOAD_MS = 300;

/** Takes a lock for the rest of this page's life, or until the returned function is called. Undefined: another tab has it. */
function hold(lock: string): Promise<(() => void) | undefined> {
  return new Promise((resolve) => {
    const granted = () => new Promise<void>((release) => resolve(release));
    navigator.locks.request(lock, { signal: AbortSignal.timeout(RELOAD_MS) }, granted).catch(() => resolve(undefined));
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
  if (release) held.set(name, release);
  return release !== undefined;
}

export function releaseName(name: string): void {
  held.get(name)?.();
  held.delete(name);
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
