// Follows one VM's serial output from host to host.
import { followSerial } from '../state/serial-bus.ts';
import { SerialFollower, type SerialSink } from '../state/serial-follower.ts';
import { useConsole } from '../state/store.ts';
import { apiOf } from './connections.ts';

/** Hands over everything that the VM has printed and prints, once and in order. Returns the function that ends it. */
export function followVmSerial(vmId: string, sink: SerialSink): () => void {
  const hostOf = () => useConsole.getState().fleet.vms[vmId]?.hostId;
  const follower = new SerialFollower(async () => apiOf(hostOf() ?? '').serialHistory(vmId), sink);
  let host = hostOf();
  const stops = [
    followSerial(vmId, (piece) => follower.accept(piece)),
    useConsole.subscribe(() => {
      if (hostOf() === host) return;
      host = hostOf();
      if (host) void follower.synchronize();
    }),
  ];
  void follower.synchronize();
  return () => {
    for (const stop of stops) stop();
  };
}
