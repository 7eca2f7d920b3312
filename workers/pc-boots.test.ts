// A PC starts as people's do: SeaBIOS finds our floppy disk and boots it; keys are typed, its screen is read in text and in graphics, and it
// moves to another host with its disk while it draws.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import { floppyImage } from '../guests/lapwing/files.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { hasFirmware, PcOnHosts, pcSpec } from './testing/pc-on-hosts.ts';

const SPEC = pcSpec({
  guestOs: 'Lapwing',
  memoryMiB: 16,
  drives: [
    {
      model: 'floppy',
      properties: { unit: 0 },
      medium: { name: 'lapwing.img', source: { kind: 'bytes', bytes: new Uint8Array(floppyImage()) } },
    },
  ],
});

describe.skipIf(!hasFirmware)('a PC with firmware and a floppy disk', () => {
  let pc: PcOnHosts | undefined;
  beforeAll(ensureEngine);
  afterEach(() => pc?.end());

  it('boots, is typed on, draws, moves while it does, reads its disk there, and powers off', async () => {
    const lapwing = await PcOnHosts.start(SPEC, 64);
    pc = lapwing;
    expect(await lapwing.shows(/lapwing>$/m)).toMatch('booted from drive 00');
    await lapwing.types('life 1103\n');
    const before = await lapwing.draws();
    await lapwing.move();
    await eventually(async () => expect(await lapwing.draws()).not.toEqual(before));
    // The R-pentomino's end, as on the unbounded plane (guests/README.md).
    await lapwing.shows(/116 cells live after 1103 generations/);
    await lapwing.types('type readme.txt\n');
    await lapwing.shows(/lapwing> type readme.txt[\s\S]*lapwing>$/m);
    await lapwing.types('poweroff\n');
    await lapwing.isOff();
  }, 300_000);
});
