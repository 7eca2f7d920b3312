// Waiting in tests for what happens by itself, where it gives no sign that could be waited for.

import { onTestFinished } from 'vitest';

/**
 * What `attempt` comes to when it no longer throws: it is tried again and again, while whatever else there is has its turn. There
 * is no time limit but the test's own; what `attempt` threw last is shown then.
 */
export async function eventually<T>(attempt: () => T | Promise<T>): Promise<T> {
  let over = false;
  let last: unknown;
  onTestFinished(() => {
    if (last !== undefined) console.error('The test was waiting for this:', last);
    over = true;
  });
  while (!over) {
    try {
      const value = await attempt();
      last = undefined;
      return value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  throw new Error('The test is over.');
}
