// Host time: what the cluster's timeouts, pacing and statistics are measured with. Injected everywhere, so that tests run
// in virtual time. Not guest time (engine/pc/bus/device.ts has that).

export interface Timebase {
  /** ms since the epoch with a fraction. Monotonic, and the same clock for every tab and worker of one machine. */
  now(): number;
  /** Calls back once, no sooner than `ms` from now. Returns the function that cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export const systemTimebase: Timebase = {
  now: () => performance.timeOrigin + performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** Calls back every `ms` until the returned function is called. */
export function every(timebase: Timebase, ms: number, callback: () => void): () => void {
  let cancel = timebase.after(ms, tick);
  function tick(): void {
    cancel = timebase.after(ms, tick);
    callback();
  }
  return () => cancel();
}
