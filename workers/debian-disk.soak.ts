// Soak (`npm run soak`, after `npm run guests -- debian-disk`): an installed Debian boots through GRUB to its login, its agent tells, it copies files while it moves
// between hosts of a tab, shuts itself down, boots again from the same disk, and finds its files as they were.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import type { VmSpec } from '../engine/host/api.ts';
import type { HostService } from '../engine/host/host-service.ts';
import { BlockStore, type OpenSource } from '../engine/vmkernel/block/block-store.ts';
import { createYieldTask } from '../engine/vmkernel/shared/yield-task.ts';
import { APIC_DEVICES, STANDARD_DEVICES } from '../engine/vmkernel/spec/machine-spec.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { openFile } from './block/file-backend.ts';
import { loadEngine } from './launch-vcpu.ts';
import { nodePlatform } from './platform-node.ts';
import { TestChannels } from './testing/test-channels.ts';
import { startTestHost } from './testing/test-host.ts';

const GUESTS = new URL('../public/guests/', import.meta.url);
const DISK = fileURLToPath(new URL('debian-disk/debian.img', GUESTS));
const MOVES = 10;
const CHUNK = 65_536;

/** What is written stays in memory. */
const openSource: OpenSource = async (source) => {
  if (source.kind !== 'path') throw new Error('only files are opened here');
  return openFile(source.path, true);
};

const PC: VmSpec = {
  ...{ id: 'vm-1', name: 'debian', guestOs: 'Debian 12', memoryMiB: 256, commandLine: '' },
  firmware: { image: { kind: 'url', url: 'firmware/bios-256k.bin' }, sizeKiB: 256 },
  devices: [...STANDARD_DEVICES, ...APIC_DEVICES],
  nics: [{ model: 'virtio-net', mac: '52:54:00:00:00:01' }],
  drives: [
    {
      model: 'ide-hd',
      properties: { bus: 0, unit: 0 },
      medium: { name: 'debian.img', source: { kind: 'path', path: DISK, snapshot: true } },
    },
  ],
};

describe.skipIf(!existsSync(DISK))('an installed Debian', { timeout: 3_600_000 }, () => {
  const hosts: HostService[] = [];
  let at = 0;
  let text = '';
  let read = 0;

  const host = () => hosts[at]!;
  const take = async () => {
    const chunk = await host().readSerial('vm-1', read, CHUNK);
    read = chunk.position + chunk.bytes.length;
    text += new TextDecoder().decode(chunk.bytes);
  };
  const says = (wanted: RegExp) =>
    eventually(async () => {
      await take();
      const found = wanted.exec(text);
      expect(found, text.slice(-500)).not.toBeNull();
      text = text.slice(found!.index + found![0].length);
      return found![0];
    });
  const type = (line: string) => host().serialInput('vm-1', new TextEncoder().encode(`${line}\n`));
  /** What a command prints, which ends with a mark that is not in what is typed. */
  const ask = async (command: string) => {
    await type(`${command}; echo "mark"ed`);
    return says(/[\s\S]*?marked\r?\n/);
  };
  const logIn = async () => {
    await says(/login: $/);
    await type('root');
    await says(/# $/);
  };

  beforeAll(async () => {
    await ensureEngine();
    const channels = new TestChannels();
    const store = new BlockStore({ openSource, yieldTask: createYieldTask() });
    for (const id of ['a', 'b']) {
      const { service } = await startTestHost(channels, id, 400, {
        loadEngine: () => loadEngine(nodePlatform),
        connectDrives: (onProblem) => store.connect(onProblem),
        fetchImage: async (source) =>
          source.kind === 'bytes' ? source.bytes : new Uint8Array(await readFile(new URL(source.url, GUESTS))),
      });
      hosts.push(service);
    }
    await host().createVm(PC);
    await host().powerOn('vm-1');
  });
  afterAll(() => Promise.allSettled(hosts.map((one) => one.shutdown(true))));

  it('boots, tells, copies while it moves, and has its files again after a restart', async () => {
    await logIn();
    const agent = async () => (await host().status()).vms[0]!.agent;
    await eventually(async () => expect((await agent()).state).toBe('running'));
    expect((await agent()).os).toContain('Debian');

    await type(
      'head -c 8000000 /dev/urandom > /root/data; (for n in 1 2 3 4 5 6; do cp /root/data /root/copy$n; sync; done; echo all"copied") &',
    );
    for (let n = 0; n < MOVES; n++) {
      await host().migrate('vm-1', at === 0 ? 'b' : 'a', { downtimeLimitMs: 4900 });
      at = 1 - at;
    }
    await says(/allcopied/);
    const sums = (printed: string) => new Set(printed.match(/\b[0-9a-f]{64}\b/g));
    const before = sums(await ask('sha256sum /root/data /root/copy?'));
    expect(before.size).toBe(1);

    await host().shutDownGuest('vm-1');
    await eventually(async () => expect((await host().status()).vms[0]!.power).toBe('off'));
    await host().powerOn('vm-1');
    await logIn();
    expect(sums(await ask('sha256sum /root/data /root/copy?'))).toEqual(before);
    expect(await ask('dmesg | grep -ciE "i/o error|ext4-fs error|ata.*(failed|exception)"')).toMatch(/(^|\n)0\r?\n/);
  });
});
