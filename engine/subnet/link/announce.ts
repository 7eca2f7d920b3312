// After a live migration the NIC says on the network where it is now, so that the switches relearn: RARP requests with its
// address as the source, in rounds since a frame may get lost (as QEMU's announce-self does: five rounds, 50 ms after the
// first and 100 ms more after each).

import type { Timebase } from '../../base/timebase.ts';
import { BROADCAST_MAC } from '../packet/address.ts';
import { ARP_OPERATION, encodeArp } from '../packet/arp.ts';
import { ETHERTYPE, encodeEthernet, type Frame, padded } from '../packet/ethernet.ts';

const PAUSES_MS = [50, 150, 250, 350];

/** "What is my address?", asked by the NIC of itself: it needs to know nothing of the guest's IP configuration. */
export function reverseArpAnnouncement(mac: string): Frame {
  const nobody = '0.0.0.0';
  const payload = encodeArp({
    operation: ARP_OPERATION.reverseRequest,
    senderMac: mac,
    senderIp: nobody,
    targetMac: mac,
    targetIp: nobody,
  });
  return padded(encodeEthernet({ destination: BROADCAST_MAC, source: mac, etherType: ETHERTYPE.rarp, payload }));
}

/** Sends the first announcement at once. Returns the function that stops the rounds. */
export function announce(mac: string, timebase: Timebase, transmit: (frame: Frame) => void): () => void {
  let cancel = () => {};
  const round = (index: number) => {
    transmit(reverseArpAnnouncement(mac));
    if (index < PAUSES_MS.length) cancel = timebase.after(PAUSES_MS[index], () => round(index + 1));
  };
  round(0);
  return () => cancel();
}
