// Gives the event loop a turn without the 4 ms that browsers add to nested setTimeout. Node has setImmediate, and needs it:
// there, a message port that posts to itself would be served a thousand times before any other port.

/** Runs `task` as a new macrotask, after what is queued already. */
export type YieldTask = (task: () => void) => void;

export function createYieldTask(): YieldTask {
  const immediate = (globalThis as { setImmediate?: (task: () => void) => unknown }).setImmediate;
  if (immediate) return (task) => void immediate(task);
  const { port1, port2 } = new MessageChannel();
  const tasks: (() => void)[] = [];
  port1.onmessage = () => tasks.shift()?.();
  return (task) => {
    tasks.push(task);
    port2.postMessage(undefined);
  };
}
