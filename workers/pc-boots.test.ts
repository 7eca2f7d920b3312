// A PC starts as people's do: SeaBIOS finds our floppy disk and boots it; keys are typed, its screen is read in text and in graphics, and it
// moves to another host with its disk while it draws.

import { existsSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import type { VmSpec } from '../engine/host/api.ts';
import { APIC_DEVICES, STANDARD_DEVICES } from '../engine/vmkernel/spec/machine-spec.ts';
import { floppyImage } from '../guests/lapwing/files.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { FIRMWARE, PcOnHosts, SEABIOS } from './testing/pc-on-hosts.ts';

const PC: VmSpec = {
  ...{ id: 'vm-1', name: 'pc', guestOs: 'Lapwing', memoryMiB: 16, commandLine: '' },
  firmware: SEABIOS,
  devices: [...STANDARD_DEVICES, ...APIC_DEVICES, { model: 'VGA' }],
  drives: [
    {
      model: 'floppy',
      properties: { unit: 0 },
      medium: { name: 'lapwing.img', source: { kind: 'bytes', bytes: new Uint8Array(floppyImage()) } },
    },
  ],
};

describe.skipIf(!existsSync(FIRMWARE))('a PC with firmware and a floppy disk', () => {
  let lab: PcOnHosts;
  beforeAll(async () => {
    await ensureEngine();
  });
  afterEach(async () => {
    await lab.end();
  });

  it('boots, is typed on, draws, moves while it does, reads its disk there, and powers off', async () => {
    lab = await PcOnHosts.start(PC, 64);
    expect(await lab.shows(/lapwing>$/m)).toMatch('booted from drive 00');
    await lab.types('life 1103\n');
    const before = await lab.draws();
    await lab.move();
    await eventually(async () => expect(await lab.draws()).not.toEqual(before));
    // The R-pentomino's end, as on the unbounded plane (guests/README.md).
    await lab.shows(/116 cells live after 1103 generations/);
    await lab.types('type readme.txt\n');
    await lab.shows(/lapwing> type readme.txt[\s\S]*lapwing>$/m);
    await lab.types('poweroff\n');
    await eventually(async () => expect((await lab.host.status()).vms[0]!.power).toBe('off'));
  }, 300_000);
});
