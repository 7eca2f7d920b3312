// Follows one VM's serial output from host to host.
import { SerialFollower, type SerialSink } from '../../workers/serial-follower.ts';
import { onSerial } from '../state/serial-bus.ts';
import { useConsole } from '../state/store.ts';
import { apiOf } from './connections.ts';

/** Hands over everything that the VM has printed and prints, once and in order. Returns the function that ends it. */
export function followVmSerial(vmId: string, sink: SerialSink): () => void {
  const hostOf = () => useConsole.getState().fleet.vms[vmId]?.hostId;
  const follower = new SerialFollower(
    async (position, limit) => apiOf(hostOf() ?? '').readSerial(vmId, position, limit),
    sink,
  );
  let host = hostOf();
  const stops = [
    () => follower.stop(),
    onSerial(vmId, () => follower.pull()),
    useConsole.subscribe(() => {
      if (hostOf() === host) return;
      host = hostOf();
      if (host) follower.pull();
    }),
  ];
  follower.pull();
  return () => {
    for (const stop of stops) stop();
  };
}
