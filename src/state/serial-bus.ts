// Hands serial output from whichever host a VM is on to whoever follows the VM. Outside the store: it comes often and only
// terminals want it.
import type { SerialPiece } from './serial-follower.ts';

type Listener = (piece: SerialPiece) => void;

const listeners = new Map<string, Set<Listener>>();

/** Returns the unsubscribe function. */
export function followSerial(vmId: string, listener: Listener): () => void {
  const set = listeners.get(vmId) ?? new Set();
  listeners.set(vmId, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(vmId);
  };
}

export function publishSerial(vmId: string, piece: SerialPiece): void {
  for (const listener of listeners.get(vmId) ?? []) listener(piece);
}
