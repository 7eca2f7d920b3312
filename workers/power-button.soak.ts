// Soak (`npm run soak`): the power button as a real Linux takes it: its ACPI driver hears of it, acpid runs the guest's own shutdown.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import type { HostEvent } from '../engine/host/api.ts';
import { LinuxOnHosts, linux } from './testing/linux-on-hosts.ts';

describe.skipIf(!linux)('the power button of a Linux guest', { timeout: 900_000 }, () => {
  let guest: LinuxOnHosts;

  beforeAll(async () => {
    guest = await LinuxOnHosts.start({ bootLimitMs: 200_000, answerLimitMs: 20_000 });
  }, 900_000);

  afterAll(() => guest?.end());

  it('makes it shut down and power off, wherever it runs', async () => {
    await guest.move();
    const [, host] = guest.hosts;
    const ended: string[] = [];
    host.events.add({
      postMessage: ({ event }: { event: HostEvent }) => {
        if (event.type === 'guest') ended.push(event.event.kind);
      },
    });
    expect(await guest.ask('cat /proc/bus/input/devices | grep -c "Power Button"')).toBe('1');
    await host.pressPowerButton('vm-1');
    await eventually(() => expect(ended).toEqual(['powered-off']));
    const { bytes } = await host.readSerial('vm-1', undefined, 65_536);
    expect(new TextDecoder().decode(bytes)).toMatch(/The system is going down NOW![\s\S]*reboot: Power down/);
    await expect(host.pressPowerButton('vm-1')).rejects.toThrow('web is not running here.');
  });
});
