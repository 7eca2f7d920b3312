import { describe, expect, it } from 'vitest';
import type { DriveSpec } from '../../engine/host/api.ts';
import type { GuestImage } from '../session/catalogue.ts';
import { CD_DRIVE, guestMachine } from './guest-machine.ts';

const image = { kind: 'url', url: 'http://h/image' } as const;
const firmware = { bios: image, biosKiB: 256, vgaBios: image, vgaBiosKiB: 64 };
const drive = (model: string, bus: number): DriveSpec => ({
  ...{ model, properties: { bus, unit: 0 } },
  medium: { name: 'image', source: image },
});
const guest = (more: Partial<GuestImage>): GuestImage => ({
  ...{ name: 'guest', os: 'System', commandLine: '', memoryMiB: 64 },
  ...more,
});

describe('guestMachine', () => {
  it('gives each guest of the catalogue one CD drive, by which files reach it', () => {
    const disk = drive('ide-hd', 0);
    const cd = drive('ide-cd', 1);
    const drivesOf = (more: Partial<GuestImage>) => guestMachine(guest(more), 'vm').drives;
    expect(drivesOf({ kernel: image })).toEqual([CD_DRIVE]);
    expect(drivesOf({ drives: { firmware, specs: [disk] } })).toEqual([disk, CD_DRIVE]);
    expect(drivesOf({ drives: { firmware, specs: [cd] } })).toEqual([cd]);
  });
});
