// Waiting, without blocking the worker, for a word of shared memory to change: Atomics.waitAsync, or polling where the
// environment has none (Firefox before 145).

const POLL_MS = 4;

type WaitAsync = (
  array: Int32Array,
  index: number,
  value: number,
  timeoutMs?: number,
) => { async: false } | { async: true; value: Promise<'ok' | 'timed-out'> };

const waitAsync = (Atomics as { waitAsync?: WaitAsync }).waitAsync;

/** waitForChange below, or what tests put in its place. */
export type WaitForChange = (array: Int32Array, index: number, value: number, timeoutMs: number) => Promise<void>;

/**
 * Resolves when `array[index]` was found to differ from `value`, was notified, or `timeoutMs` are over. May resolve early
 * for no reason: the caller looks again.
 */
export async function waitForChange(array: Int32Array, index: number, value: number, timeoutMs: number): Promise<void> {
  if (waitAsync) {
    const wait = waitAsync.call(Atomics, array, index, value, timeoutMs);
    if (wait.async) await wait.value;
    return;
  }
  if (Atomics.load(array, index) !== value) return;
  await new Promise((resolve) => setTimeout(resolve, Math.min(timeoutMs, POLL_MS)));
}
