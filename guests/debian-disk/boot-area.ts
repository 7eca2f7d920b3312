// What lies in front of the first partition: GRUB's boot sector with the partition table, and behind it GRUB's core image, as
// grub-bios-setup puts them (GNU GRUB Manual 2.06, "BIOS installation"; the offsets are those of GRUB's include/grub/i386/pc/boot.h).

export const SECTOR = 512;
/** Of the partition: 1 MiB, as partitioning tools align it. */
export const FIRST_SECTOR = 2048;

/** In the boot sector: where the core image begins (64 bits), and two bytes of code that believe the BIOS about the boot drive. */
const KERNEL_SECTOR = 0x5c;
const DRIVE_CHECK = 0x66;
const NOPS = [0x90, 0x90];
/** In the core image's first sector: where the rest of it is (first sector, 64 bits; count, 16 bits; segment). */
const BLOCK_LIST = 0x1f4;
const DISK_SIGNATURE = 0x1b8;
const PARTITIONS = 0x1be;
const LINUX = 0x83;
const ACTIVE = 0x80;

/** The first bytes of a disk of so many sectors with one partition. @param core whole sectors or not, must fit in front of it */
export function bootArea(bootSector: Uint8Array, core: Uint8Array, diskSectors: number): Uint8Array {
  const coreSectors = Math.ceil(core.length / SECTOR);
  if (bootSector.length !== SECTOR || coreSectors > FIRST_SECTOR - 1) throw new RangeError('GRUB has no room there.');
  const area = new Uint8Array((1 + coreSectors) * SECTOR);
  area.set(bootSector);
  area.set(core, SECTOR);
  const view = new DataView(area.buffer);
  view.setBigUint64(KERNEL_SECTOR, 1n, true);
  area.set(NOPS, DRIVE_CHECK);
  view.setBigUint64(SECTOR + BLOCK_LIST, 2n, true);
  view.setUint16(SECTOR + BLOCK_LIST + 8, coreSectors - 1, true);
  view.setUint32(DISK_SIGNATURE, 0x7ab71507, true);
  area.fill(0, PARTITIONS, SECTOR - 2);
  area.set([ACTIVE, 0xfe, 0xff, 0xff, LINUX, 0xfe, 0xff, 0xff], PARTITIONS);
  view.setUint32(PARTITIONS + 8, FIRST_SECTOR, true);
  view.setUint32(PARTITIONS + 12, diskSectors - FIRST_SECTOR, true);
  view.setUint16(SECTOR - 2, 0xaa55, true);
  return area;
}
