// Tells whoever follows a VM's serial output that the VM has printed. Outside the store: it comes often and only terminals
// want it.
type Listener = () => void;

const listeners = new Map<string, Set<Listener>>();

/** Returns the unsubscribe function. */
export function onSerial(vmId: string, listener: Listener): () => void {
  const set = listeners.get(vmId) ?? new Set();
  listeners.set(vmId, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(vmId);
  };
}

export function announceSerial(vmId: string): void {
  for (const listener of listeners.get(vmId) ?? []) listener();
}
