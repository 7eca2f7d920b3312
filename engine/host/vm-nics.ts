// Connects the network cards of VMs to their host's switch.

import { macText } from '../base/mac-address.ts';
import type { HostNetwork } from '../subnet/host-network/host-network.ts';
import { decodeHandoverPoint } from '../subnet/link/guest-port.ts';
import type { Drops } from '../subnet/switch/counters.ts';
import type { CardDrops, NicListener } from '../vmkernel/nic/nic-queue.ts';
import type { VmNetwork } from '../vmkernel/nic/vm-network.ts';
import type { YieldTask } from '../vmkernel/shared/yield-task.ts';

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
        accept(value) {
          const point = decodeHandoverPoint(value);
          return () => port.activate(point);
        },
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
