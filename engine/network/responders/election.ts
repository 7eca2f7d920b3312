// Elects one of all workers and tabs of an origin, for what must be done once for each subnet. By the Web Locks API (W3C
// Web Locks, section 2): the lock passes on when its holder ends, however it ends.

export interface Election {
  /**
   * Stands for the office; `onElected` is called when this worker holds it, which may be much later or never. Returns the
   * function that steps down.
   */
  stand(office: string, onElected: () => void): () => void;
}

/** Undefined where the platform has no Web Locks (Node 20). */
export function webLocksElection(): Election | undefined {
  const locks = globalThis.navigator?.locks;
  if (!locks) return undefined;
  return {
    stand(office, onElected) {
      const stop = new AbortController();
      let resign = () => {};
      const term = new Promise<void>((resolve) => {
        resign = resolve;
      });
      locks
        .request(office, { signal: stop.signal }, () => {
          if (stop.signal.aborted) return undefined;
          onElected();
          return term;
        })
        // Rejects only when it is aborted, or when this agent itself is being torn down: nobody is left to tell.
        .catch(() => {});
      return () => {
        stop.abort();
        resign();
      };
    },
  };
}

/** For a process in which no second candidate can be. */
export const soleCandidate: Election = {
  stand(_office, onElected) {
    onElected();
    return () => {};
  },
};
