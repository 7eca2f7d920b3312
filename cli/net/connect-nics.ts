// Connects the machine's network cards with what -netdev says, over its host's switch: a port group for each card, and in it a port that
// leads to the other end of the sockets.

import type { HostService } from '../../engine/host/host-service.ts';
import type { PortGroup } from '../../engine/subnet/switch/port-group.ts';
import { openLink } from './link.ts';
import type { Netdev } from './netdev.ts';
import type { PlacedNic } from './nic-options.ts';

/** Each card is on an Ethernet of its own, with what it is connected to: a VLAN that has no services of the subnet. */
export function segmentGroup(nic: number): PortGroup {
  const open = { promiscuous: true, forgedTransmits: true, macChanges: true };
  return { name: `Ethernet ${nic}`, vlan: { mode: 'access', vlan: nic + 1 }, security: open };
}

/** Before the VM is created. Resolves with what closes the sockets. Rejects with an Error for the user. */
export async function connectNics(
  { nics, netdevs }: { nics: readonly PlacedNic[]; netdevs: readonly Netdev[] },
  host: HostService,
  tell: (line: string) => void,
): Promise<() => void> {
  const open: (() => void)[] = [];
  const closeAll = () => {
    for (const close of open) close();
  };
  try {
    for (const [n, { netdev: id }] of nics.entries()) {
      await host.setPortGroup(segmentGroup(n));
      const netdev = netdevs.find((one) => one.id === id);
      if (!netdev) continue;
      const link = await openLink(netdev, { onFrame: (frame) => segment.transmit(frame), tell });
      const segment = host.attachSegment({
        ...{ name: netdev.id, portGroup: segmentGroup(n).name },
        deliver: (frame) => link.send(frame),
      });
      open.push(() => {
        segment.detach();
        link.close();
      });
    }
  } catch (error) {
    closeAll();
    throw error;
  }
  return closeAll;
}
