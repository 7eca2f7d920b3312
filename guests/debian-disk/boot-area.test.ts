import { describe, expect, it } from 'vitest';
import { bootArea, FIRST_SECTOR, SECTOR } from './boot-area.ts';

const bootSector = new Uint8Array(SECTOR).fill(0x11);
const core = new Uint8Array(3 * SECTOR + 1).fill(0x22);
const DISK_SECTORS = 1 << 21;

describe('bootArea', () => {
  const area = bootArea(bootSector, core, DISK_SECTORS);
  const view = new DataView(area.buffer);

  it('has one active Linux partition to the end of the disk', () => {
    expect([area[0x1be], area[0x1c2]]).toEqual([0x80, 0x83]);
    expect(view.getUint32(0x1c6, true)).toBe(FIRST_SECTOR);
    expect(view.getUint32(0x1c6, true) + view.getUint32(0x1ca, true)).toBe(DISK_SECTORS);
    expect([...area.subarray(0x1ce, 0x1fe)]).toEqual(Array(48).fill(0));
    expect(view.getUint16(0x1fe, true)).toBe(0xaa55);
  });

  it('leads the boot sector to the core image, and that to the rest of itself', () => {
    expect(view.getBigUint64(0x5c, true)).toBe(1n);
    expect(view.getBigUint64(SECTOR + 0x1f4, true)).toBe(2n);
    expect(view.getUint16(SECTOR + 0x1fc, true)).toBe(3);
    expect(area.length).toBe(5 * SECTOR);
    expect(area[4 * SECTOR]).toBe(0x22);
  });

  it('refuses a core image that would reach into the partition', () => {
    expect(() => bootArea(bootSector, new Uint8Array((FIRST_SECTOR - 1) * SECTOR + 1), DISK_SECTORS)).toThrow(
      RangeError,
    );
    expect(() => bootArea(bootSector, new Uint8Array((FIRST_SECTOR - 1) * SECTOR), DISK_SECTORS)).not.toThrow();
  });
});
