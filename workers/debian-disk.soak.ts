// Soak (`npm run soak`, after `npm run guests -- debian-disk`): an installed Debian boots through GRUB to its login, its agent tells, it copies files while it moves
// between hosts of a tab, shuts itself down, boots again from the same disk, and finds its files as they were.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { guestFile, hasFirmware, PcOnHosts, pcSpec } from './testing/pc-on-hosts.ts';

const DISK = guestFile('debian-disk/debian.img');
const MOVES = 10;
const HOST_MIB = 400;

describe.skipIf(!DISK || !hasFirmware)('an installed Debian', { timeout: 3_600_000 }, () => {
  let pc: PcOnHosts | undefined;
  beforeAll(ensureEngine);
  afterEach(() => pc?.end());

  it('boots, tells, copies while it moves, and has its files again after a restart', async () => {
    const medium = { name: 'debian.img', source: { kind: 'path', path: DISK!, snapshot: true } } as const;
    const spec = pcSpec({
      guestOs: 'Debian 12',
      memoryMiB: 256,
      nics: [{ model: 'virtio-net', mac: '52:54:00:00:00:01' }],
      drives: [{ model: 'ide-hd', properties: { bus: 0, unit: 0 }, medium }],
    });
    const debian = await PcOnHosts.start(spec, HOST_MIB);
    pc = debian;
    const logIn = async () => {
      await debian.says(/login: $/);
      await debian.enters('root');
      await debian.says(/# $/);
    };
    const sumsOfFiles = async () =>
      new Set((await debian.ask('sha256sum /root/data /root/copy?')).match(/\b[0-9a-f]{64}\b/g));

    await logIn();
    await eventually(async () => expect((await debian.status()).agent.state).toBe('running'));
    expect((await debian.status()).agent.os).toContain('Debian');
    // As GRUB starts it.
    expect(await debian.ask('cat /proc/cmdline')).toContain('BOOT_IMAGE=/boot/vmlinuz');

    await debian.ask('dmesg -n 1; head -c 8000000 /dev/urandom >/root/data');
    // What is read comes from the disk, not from memory.
    const copy = 'cp data copy$n; sync; echo 3 >/proc/sys/vm/drop_caches; cmp data copy$n || echo differ"ent"';
    await debian.enters(`cd; (for n in 1 2 3 4 5 6; do ${copy}; done; echo all"copied") &`);
    for (let n = 0; n < MOVES; n++) await debian.move();
    expect(await debian.says(/[\s\S]*allcopied/)).not.toContain('different');
    const before = await sumsOfFiles();
    expect(before.size).toBe(1);

    await debian.host.shutDownGuest('vm-1');
    await debian.isOff();
    await debian.host.powerOn('vm-1');
    await logIn();
    expect(await sumsOfFiles()).toEqual(before);
    // Bash puts escape sequences around what it prints.
    const errors = 'echo errors:$(dmesg | grep -ciE "i/o error|ext4-fs error|ata.*(failed|exception)").';
    expect(await debian.ask(errors)).toContain('errors:0.');
  });
});
