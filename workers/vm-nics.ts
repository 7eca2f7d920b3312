// Connects the network cards of VMs to their host's switch.

import type { HostNetwork } from '../engine/network/host-network.ts';
import { macText } from '../engine/network/packet/address.ts';
import type { Drops } from '../engine/network/switch/counters.ts';
import type { CardDrops, NicListener } from '../engine/vmkernel/nic-queue.ts';
import type { VmNetwork } from '../engine/vmkernel/vm-network.ts';
import type { YieldTask } from '../engine/vmkernel/yield-task.ts';

export function vmNics(network: HostNetwork, yieldTask: YieldTask): VmNetwork {
  return {
    connect({ name: vmName }, { mac, portGroup }, queue, arriving) {
      const port = network.attachNic({
        vmName,
        mac,
        portGroup,
        arriving,
        deliver: (frame) => queue.deliver(frame),
        cardDrops: () => dropsOf(queue.cardDrops),
      });
      const listener: NicListener = {
        onFrame: (frame) => port.transmit(frame),
        onAddress: (mac) => port.changeMac(macText(mac)),
      };
      void queue.run(listener, yieldTask);
      return {
        hold: () => port.hold(),
        resume: () => port.resume(),
        handOver() {
          queue.close(listener);
          port.handOver();
        },
        activate: (point) => port.activate(point),
        disconnect() {
          queue.close(listener);
          port.detach();
        },
      };
    },
  };
}

function dropsOf({ runts, oversize, malformed, unwanted }: CardDrops): Drops {
  return { runt: runts, oversize, malformed, 'no-driver': unwanted };
}
