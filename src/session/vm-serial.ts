// Follows one VM's serial port from host to host.
import type { SerialInputOptions, TerminalReply } from '../../engine/host/api.ts';
import { SerialFollower, type SerialSink } from '../../workers/serial-follower.ts';
import { hostIdOf, useConsole } from '../state/store.ts';
import { serialOutput, serialRoom } from '../state/vm-news.ts';
import { apiOf } from './connections.ts';

/** Hands over everything that the VM has printed and prints, once and in order. Returns the function that ends it. */
export function followVmSerial(vmId: string, sink: SerialSink): () => void {
  const hostOf = () => hostIdOf(vmId);
  const follower = new SerialFollower(
    async (position, limit) => apiOf(hostOf() ?? '').readSerial(vmId, position, limit),
    sink,
  );
  let host = hostOf();
  const stops = [
    () => follower.stop(),
    serialOutput.on(vmId, () => follower.pull()),
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

/** The other direction: where input and a terminal's answers go. */
export function vmSerialLine(vmId: string) {
  const vmOf = () => useConsole.getState().fleet.vms[vmId];
  const api = () => apiOf(hostIdOf(vmId) ?? '');
  return {
    offer: async (bytes: Uint8Array<ArrayBuffer>, options: SerialInputOptions) =>
      api().serialInput(vmId, bytes, options),
    isOn() {
      const power = vmOf()?.power;
      return power !== undefined && power !== 'off' && power !== 'crashed';
    },
    onRoom(listener: () => void): () => void {
      const stops = [serialRoom.on(vmId, listener), this.onMoved(listener)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    /** The VM is at another host, or was powered on or off. */
    onMoved(listener: () => void): () => void {
      let [host, isOn] = [vmOf()?.hostId, this.isOn()];
      return useConsole.subscribe(() => {
        if (vmOf()?.hostId === host && this.isOn() === isOn) return;
        [host, isOn] = [vmOf()?.hostId, this.isOn()];
        listener();
      });
    },
    /** What does not arrive is said again when the VM is somewhere else. */
    async resize(rows: number, columns: number): Promise<void> {
      try {
        await api().setTerminalSize(vmId, rows, columns);
      } catch {
        // The VM is between two hosts.
      }
    },
    /** An answer that does not arrive is no loss: the guest asks again or does without. */
    async reply(reply: TerminalReply): Promise<void> {
      try {
        await api().serialReply(vmId, reply);
      } catch {
        // The VM is between two hosts.
      }
    },
  };
}
