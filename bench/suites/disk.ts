// dd in a Linux guest, past its page cache, on an IDE disk and on one on virtio: large requests one after the other, and small ones.
// What is read and written lies in the memory of the engine, so that the emulated device is measured.

import type { Engine, RunningGuests } from '../engines/engine.ts';
import { START_IDE } from '../images/disk-drivers.ts';
import type { DriveModel } from '../images/guest-image.ts';
import { DATA_DISK_MIB, dataDiskGuest, PROMPT } from '../images/images.ts';
import { commandsPerSecond, timeCommand } from './guest-shell.ts';
import type { Results, Unit } from './results.ts';

export const DISK_SUITE = 'disk';
const BOOT_LIMIT_MS = 240_000;
const BYTES_PER_KIB = 1024;
const LARGE_KIB = 256;
const SMALL_KIB = 4;
/** In one dd. */
const SMALL_REQUESTS = 2048;
/** What is written: no zeros, which an engine may treat as nothing. */
const DATA = '/tmp/data';
const DATA_MIB = DATA_DISK_MIB / 2;

export interface DiskModel {
  model: Exclude<DriveModel, 'floppy'>;
  title: string;
  device: string;
  /** Loads the driver, where the system has not. */
  start: string;
}

export const DISK_MODELS: readonly DiskModel[] = [
  { model: 'ide-hd', title: 'IDE', device: '/dev/sda', start: START_IDE },
  { model: 'virtio-blk', title: 'virtio', device: '/dev/vda', start: 'true' },
];

export type Access = 'read' | 'write';
export const ACCESSES: readonly Access[] = ['read', 'write'];
export const largeRow = ({ title }: Pick<DiskModel, 'title'>, access: Access) =>
  `${title}: ${access}, requests of ${LARGE_KIB} KiB`;
export const smallRow = ({ title }: Pick<DiskModel, 'title'>, access: Access) =>
  `${title}: ${access}, requests of ${SMALL_KIB} KiB`;

/** One round of an engine on one model. */
export async function runDisk(engine: Engine, disk: DiskModel, results: Results): Promise<void> {
  const guest = await engine.start(await dataDiskGuest(disk.model));
  const add = (name: string, unit: Unit, value: number) => results.add(DISK_SUITE, name, unit, engine.name, value);
  try {
    await guest.waitFor(PROMPT, BOOT_LIMIT_MS);
    await timeCommand(guest, 0, disk.start);
    await timeCommand(guest, 0, `dd if=/dev/urandom of=${DATA} bs=1M count=${DATA_MIB} 2>/dev/null`);
    // What runs often has been translated before anything is measured, and every place has been written once.
    for (const access of ACCESSES) await timeCommand(guest, 0, transfer(disk, access, LARGE_KIB, DATA_MIB));
    for (const access of ACCESSES) {
      const large = await commandsPerSecond(guest, 0, transfer(disk, access, LARGE_KIB, DATA_MIB));
      add(largeRow(disk, access), 'MB/s', (large * DATA_MIB * BYTES_PER_KIB ** 2) / 1e6);
      const smallMib = (SMALL_REQUESTS * SMALL_KIB) / BYTES_PER_KIB;
      const small = await commandsPerSecond(guest, 0, transfer(disk, access, SMALL_KIB, smallMib));
      add(smallRow(disk, access), '1/s', small * SMALL_REQUESTS);
    }
    await checkWhatWasWritten(guest, disk);
  } finally {
    await guest.stop();
  }
}

/** The first part of the disk. */
function transfer({ device }: DiskModel, access: Access, requestKib: number, mib: number): string {
  const count = (mib * BYTES_PER_KIB) / requestKib;
  const [from, to] =
    access === 'read'
      ? [`if=${device} iflag=direct`, 'of=/dev/null']
      : [`if=${DATA}`, `of=${device} oflag=direct conv=notrunc`];
  return `dd ${from} ${to} bs=${requestKib}k count=${count} 2>/dev/null`;
}

async function checkWhatWasWritten(guest: RunningGuests, { device }: DiskModel): Promise<void> {
  await timeCommand(guest, 0, `dd if=${device} iflag=direct bs=1M count=${DATA_MIB} 2>/dev/null | cmp - ${DATA}`);
}
