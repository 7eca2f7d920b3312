// Recognises CD and DVD images.

import { isBzImage, isBzImageFor64Bits } from '../firmware/bzimage.ts';
import { readBootCatalog } from './el-torito.ts';
import { type Guest, guessGuest, saysOnly64Bits } from './guests.ts';
import { hasAt, type ImageReader, isZero, latin1, u16 } from './image-file.ts';
import { CD_SECTOR, CdFiles, type CdVolume, readVolume } from './iso9660.ts';
import { readMbr } from './partitions.ts';
import {
  type BootEntry,
  blocking,
  type ImageProblem,
  type ProposedVm,
  type RecognizedImage,
  warning,
} from './recognized.ts';
import { sizeText } from './size-text.ts';

/** ECMA-130 §14: each sector of a raw image begins with these. */
const RAW_SYNC = '\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0';
/** Burning software pads a track by 150 sectors, which the volume's size includes and some images lack. */
const PADDING_SECTORS = 150;
/** Where installers keep the kernel that they start. A disk for two processors has one for each. */
const KERNELS = [
  'install.386/vmlinuz',
  'install.amd/vmlinuz',
  'install/vmlinuz',
  'live/vmlinuz',
  'casper/vmlinuz',
  'isolinux/vmlinuz',
  'images/pxeboot/vmlinuz',
  'boot/vmlinuz',
  'boot/vmlinuz-lts',
  'boot/vmlinuz64',
  'boot/i386/loader/linux',
  'boot/x86_64/loader/linux',
];
/** Covers the setup header. */
const KERNEL_HEAD = 4096;
const SHOWN_INFO = 100;

export async function cd(reader: ImageReader): Promise<RecognizedImage | undefined> {
  if (hasAt(reader.head, 0, RAW_SYNC)) return rawImage();
  const volume = await readVolume(reader);
  if (!volume) return undefined;
  return volume.root ? iso9660(reader, volume, new CdFiles(reader, volume.root)) : udf(volume);
}

function rawImage(): RecognizedImage {
  const problem =
    'It is a CD image of raw sectors (2352 bytes each). Convert it to an ISO image first, for instance by bchunk.';
  return { kind: 'disk-format', format: 'raw CD image', title: 'CD image, raw sectors', problems: [blocking(problem)] };
}

function udf(volume: CdVolume): RecognizedImage {
  return {
    kind: 'cd',
    title: 'CD or DVD with UDF only, does not boot',
    problems: [warning('The CD does not boot: it has a file system (UDF) but nothing to start.')],
    volumeId: volume.volumeId,
    bootEntries: [],
    hybrid: false,
    volumeSize: 0,
    fileSystem: 'udf',
    proposal: cdProposal({ name: 'Unknown', memoryMiB: 256, nic: 'ne2k-pci' }, 'data'),
  };
}

async function iso9660(reader: ImageReader, volume: CdVolume, files: CdFiles): Promise<RecognizedImage> {
  const catalog = volume.bootCatalog === undefined ? undefined : await readBootCatalog(reader, volume.bootCatalog);
  const entries = catalog?.entries ?? [];
  const hybrid = isHybrid(reader.head);
  const { guest, only64 } = await contentsOf(reader, volume, files);
  const boots = bootWays(entries, hybrid, reader.size);
  const problems = [...sizeProblems(reader, volume), ...(await bootProblems(reader, catalog, boots))];
  if (only64)
    problems.unshift(blocking('It is for 64-bit processors (x86-64, amd64) only: the machine here has a 32-bit one.'));
  const ways = boots.length ? `boots by ${boots.join(' and ').replace(/ and (?=.* and )/g, ', ')}` : 'does not boot';
  return {
    kind: 'cd',
    title: `ISO 9660${volume.volumeId ? `, “${volume.volumeId}”` : ''}, ${ways}`,
    problems,
    volumeId: volume.volumeId,
    bootEntries: entries,
    hybrid,
    volumeSize: volume.volumeSize,
    fileSystem: 'iso9660',
    proposal: cdProposal(guest, boots.includes('BIOS') ? 'cd' : boots.includes(AS_DISK) ? 'disk' : 'data'),
  };
}

const AS_DISK = 'BIOS as a disk';

/** A BIOS takes the catalog's first entry, if that is for it. */
function bootWays(entries: readonly BootEntry[], hybrid: boolean, size: number): string[] {
  const ways: string[] = [];
  const usable = ({ bootable, offset }: BootEntry) => bootable && offset > 0 && offset < size;
  const [first] = entries;
  if (first && first.platform === 'bios' && usable(first)) ways.push('BIOS');
  else if (hybrid) ways.push(AS_DISK);
  if (entries.some((entry) => entry.platform === 'efi' && usable(entry))) ways.push('EFI');
  if (entries.some((entry) => entry.platform === 'powerpc')) ways.push('Open Firmware');
  return ways;
}

function sizeProblems({ size }: ImageReader, { volumeSize, unterminated }: CdVolume): ImageProblem[] {
  const missing = volumeSize - size;
  if (unterminated) return [warning('The CD’s list of volumes has no end: the image is damaged. Fetch it again.')];
  if (missing <= 0) return [];
  const text = `The file has ${sizeText(size)} of the ${sizeText(volumeSize)} that the CD says that it has`;
  if (missing <= PADDING_SECTORS * CD_SECTOR) return [warning(`${text}; as a rule only padding is missing.`)];
  return [warning(`The image is truncated: ${text.charAt(0).toLowerCase()}${text.slice(1)}. Fetch it again.`)];
}

async function bootProblems(
  reader: ImageReader,
  catalog: { valid: boolean; entries: BootEntry[] } | undefined,
  boots: readonly string[],
): Promise<ImageProblem[]> {
  const { size } = reader;
  const [first] = catalog?.entries ?? [];
  if (boots.includes('BIOS') && first) {
    const code = await reader.bytes(first.offset, CD_SECTOR);
    return isZero(code) ? [blocking('The CD does not boot: what its boot catalog points to is empty.')] : [];
  }
  if (boots.includes(AS_DISK)) return [];
  if (catalog && !catalog.valid)
    return [blocking('The CD does not boot: its boot catalog is damaged or lies beyond the end of the file.')];
  if (first?.bootable && first.platform === 'bios')
    return [
      blocking(
        `The CD does not boot: its boot catalog points to byte ${first.offset}, and the file ends at ${size}. Fetch it again.`,
      ),
    ];
  if (boots.includes('EFI')) return [blocking('The CD boots by EFI only; the machine here has a BIOS.')];
  if (boots.length) return [blocking('The CD boots on other computers than PCs only.')];
  return [warning('The CD does not boot: it has no boot catalog. A guest that runs can read it.')];
}

/** ISO images that can be copied to a USB stick have a boot sector, with code, and a partition table. */
function isHybrid(head: Uint8Array): boolean {
  return u16(head, 510) === 0xaa55 && !isZero(head.subarray(0, 440)) && !isZero(head.subarray(446, 510));
}

async function contentsOf(
  reader: ImageReader,
  volume: CdVolume,
  files: CdFiles,
): Promise<{ guest: Guest; only64: boolean }> {
  const names = (await files.list()).map(({ name }) => name);
  const info = await files.find('.disk/info');
  const description = info ? latin1(await reader.bytes(info.offset, Math.min(info.size, SHOWN_INFO))) : '';
  const label = `${volume.volumeId} ${description} ${volume.publisher} ${volume.application}`;
  const kernels = await kernelsOf(reader, files);
  // What starts says more than what the maker calls it.
  const only64 = kernels.length ? kernels.every(Boolean) : saysOnly64Bits(`${volume.volumeId} ${description}`);
  // Of a hybrid image the partitions tell too.
  const partitions = (readMbr(reader.head) ?? []).map(({ type }) => type);
  return { guest: guessGuest({ label, files: names, partitions }), only64 };
}

/** Whether each kernel that is found is for 64 bits. */
async function kernelsOf(reader: ImageReader, files: CdFiles): Promise<boolean[]> {
  const found: boolean[] = [];
  for (const path of KERNELS) {
    const file = await files.find(path);
    if (!file) continue;
    const head = await reader.bytes(file.offset, Math.min(file.size, KERNEL_HEAD));
    if (isBzImage(head)) found.push(isBzImageFor64Bits(head));
  }
  return found;
}

function cdProposal(guest: Guest, start: 'cd' | 'disk' | 'data'): ProposedVm {
  const { name, memoryMiB, nic, blankDiskMiB } = guest;
  const drives: ProposedVm['drives'] = [
    start === 'disk'
      ? { model: 'ide-hd', bus: 0, unit: 0, medium: { kind: 'image' } }
      : { model: 'ide-cd', bus: 1, unit: 0, medium: { kind: 'image' } },
  ];
  if (blankDiskMiB && start === 'cd')
    drives.unshift({ model: 'ide-hd', bus: 0, unit: 0, medium: { kind: 'blank', sizeMiB: blankDiskMiB } });
  // The disk first: when the system is installed it starts, and while the disk is empty the CD does.
  const bootOrder: ProposedVm['bootOrder'] =
    start === 'disk' ? ['disk'] : drives.length > 1 ? ['disk', 'cdrom'] : ['cdrom'];
  return { guestOs: name, memoryMiB, start: 'drive', drives, bootOrder, nic };
}
