// What a vCPU takes from its worker to know the time, to wait and to let others run, in virtual time. Tests only.

import type { VirtualTime } from '../../base/testing/virtual-time.ts';
import { waitForChange } from '../shared/shared-wait.ts';
import type { VcpuPorts } from '../vcpu/vcpu.ts';

/** A vCPU that does nothing but yield spends no time: its timers never fall due. */
export function virtualTimePorts(
  time: VirtualTime,
): Pick<VcpuPorts, 'hostNow' | 'wallClock' | 'yieldTask' | 'waitForChange'> {
  return {
    hostNow: () => time.now(),
    wallClock: () => Date.UTC(2024, 0, 1),
    yieldTask: (task) => void time.after(0, task),
    async waitForChange(array, index, value, timeoutMs) {
      const cancel = time.after(timeoutMs, () => Atomics.notify(array, index));
      await waitForChange(array, index, value, Number.POSITIVE_INFINITY);
      cancel();
    },
  };
}
