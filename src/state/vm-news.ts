// Notifies the followers of a VM's serial port, screen and speaker that there is more to read, or room for input. Outside the store: it
// comes often, and only consoles need it.
type Listener = () => void;

class Bus {
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Returns the unsubscribe function. */
  on(vmId: string, listener: Listener): () => void {
    const set = this.#listeners.get(vmId) ?? new Set();
    this.#listeners.set(vmId, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(vmId);
    };
  }

  announce(vmId: string): void {
    for (const listener of this.#listeners.get(vmId) ?? []) listener();
  }
}

export const serialOutput = new Bus();
export const serialRoom = new Bus();
export const screenNews = new Bus();
export const speakerNews = new Bus();
