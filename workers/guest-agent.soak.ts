// The agent of the Linux guest does what the host asks, before and after a move.

import { afterEach, expect, test } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import type { AgentStatus } from '../engine/host/api.ts';
import { STANDARD_DEVICES } from '../engine/vmkernel/spec/machine-spec.ts';
import { LinuxOnHosts, linux } from './testing/linux-on-hosts.ts';

const LIMIT_MS = 240_000;
let guest: LinuxOnHosts | undefined;
afterEach(() => guest?.end());

test.runIf(linux)(
  'it tells what the guest is, runs programs, and sets the size of the terminal',
  async () => {
    guest = await LinuxOnHosts.start({
      devices: STANDARD_DEVICES,
      nics: [{ model: 'virtio-net', mac: '52:54:00:00:00:01' }],
      bootLimitMs: LIMIT_MS,
      answerLimitMs: LIMIT_MS,
    });
    for (const host of guest.hosts) {
      const agent = async (): Promise<AgentStatus> => (await host.status()).vms[0].agent;
      // Bit by bit: its name comes with the address.
      await eventually(async () =>
        expect(await agent()).toMatchObject({
          state: 'running',
          hostName: 'web',
          os: expect.stringContaining('Debian'),
          addresses: expect.arrayContaining([{ interface: 'eth0', address: expect.stringMatching(/^10\.0\.0\./) }]),
        }),
      );
      const run = (script: string) => host.runInGuest('vm-1', { path: '/bin/sh', arguments: ['-c', script] });
      expect(await run('echo "out \\"quoted\\""; echo err >&2; exit 3')).toEqual({
        exitCode: 3,
        output: 'out "quoted"\n',
        errors: 'err\n',
      });
      expect((await run('head -c 100000 /dev/zero | tr "\\0" x')).output).toBe('x'.repeat(65_536));
      await host.setTerminalSize('vm-1', 33, 101);
      expect((await run('stty -F /dev/ttyS0 size')).output).toBe('33 101\n');
      expect([await host.freezeGuest('vm-1'), await host.thawGuest('vm-1')]).toEqual([0, 0]);
      if (host === guest.hosts[0]) await guest.move();
      else {
        await host.shutDownGuest('vm-1');
        await eventually(async () => expect((await host.status()).vms[0].power).toBe('off'));
      }
    }
  },
  2 * LIMIT_MS,
);
