// Recognises images of hard disks and floppy disks: whatever a BIOS reads sector by sector.

import { cutOffFormat, type FloppyFormat, floppyFormat, formatSize } from '../bus/floppy-formats.ts';
import { hasVhdFooter } from './disk-formats.ts';
import { diskGeometry } from './disk-geometry.ts';
import { fatLayout, fatRootNames, fileSystemName } from './file-systems.ts';
import { type Guest, guessGuest } from './guests.ts';
import { type ImageReader, isZero, latin1, u16 } from './image-file.ts';
import {
  GPT_BIOS_BOOT,
  type Gpt,
  logicalPartitions,
  type MbrEntry,
  mbrPartition,
  PROTECTIVE,
  readGpt,
  readMbr,
} from './partitions.ts';
import {
  type BootCode,
  blocking,
  type ImageProblem,
  type Partition,
  type ProposedVm,
  type RecognizedImage,
  warning,
} from './recognized.ts';
import { sizeText } from './size-text.ts';

const SECTOR = 512;
/** Larger than any boot sector program that someone writes by hand, smaller than any disk with partitions. */
const PROGRAM_LIMIT = 2880 << 10;
/** Code of the master boot record, before Microsoft's disk signature. */
const CODE_SIZE = 440;

export async function floppy(reader: ImageReader): Promise<RecognizedImage | undefined> {
  const { head, size } = reader;
  const exact = floppyFormat(size);
  const format = exact ?? (isBootSector(head) && size <= PROGRAM_LIMIT ? cutOffFormat(size) : undefined);
  if (!format) return undefined;
  // A disk image may be as small: its table of partitions says so.
  if (!exact && readMbr(head)?.length) return undefined;
  const fileSystem = fileSystemName(head);
  if (!exact && fileSystem && fileSystem !== 'FAT12') return undefined;
  const names = fileSystem?.startsWith('FAT') ? await fatRootNames(reader, 0) : [];
  const { bootCode, problem } = floppyBoot(head, names);
  // Other files have one of these sizes by chance.
  if (!fileSystem && !isBootSector(head) && !(await isBlank(reader))) return undefined;
  const guest = bootCode === 'present' ? guessGuest({ files: names, boot: bootText(head) }) : undefined;
  const what =
    exact || fileSystem ? `Floppy disk, ${exact?.name ?? sizeText(size)}` : `Boot sector program, ${sizeText(size)}`;
  const described = [what, fileSystem, bootCode === 'present' ? 'boots' : 'does not boot'].filter(Boolean).join(', ');
  return {
    kind: 'floppy',
    title: described,
    problems: [...(problem ? [problem] : []), ...volumeCut(reader)],
    format,
    bootCode,
    proposal: floppyProposal(format, exact !== undefined, guest),
  };
}

function floppyBoot(head: Uint8Array, names: readonly string[]): { bootCode: BootCode; problem?: ImageProblem } {
  if (!isBootSector(head)) {
    const problem = warning('The floppy disk does not boot: it has no boot sector. A guest that runs can read it.');
    return { bootCode: 'none', problem };
  }
  const dos = /IO {6}SYS|IBMBIO {2}COM|KERNEL {2}SYS/.test(bootText(head));
  const system = names.some((name) => /^(IO\.SYS|IBMBIO\.COM|KERNEL\.SYS|WINBOOT\.SYS)$/.test(name));
  // mkfs.fat's boot sector says nothing but this; DOS's says it when its files are not there.
  if (/not a bootable disk/i.test(bootText(head)) || (dos && !system)) {
    const problem = warning('The floppy disk does not boot: it has no system on it. A guest that runs can read it.');
    return { bootCode: 'not-bootable', problem };
  }
  return { bootCode: 'present' };
}

function floppyProposal(format: FloppyFormat, exact: boolean, guest: Guest | undefined): ProposedVm {
  const medium = { kind: 'image', ...(exact ? {} : { padTo: formatSize(format) }) } as const;
  const { name, memoryMiB, nic } = guest ?? guessGuest({});
  return {
    guestOs: name,
    memoryMiB: Math.min(memoryMiB, 128),
    start: 'drive',
    drives: [{ model: 'floppy', bus: 0, unit: 0, medium }],
    bootOrder: ['floppy'],
    nic,
  };
}

export async function disk(reader: ImageReader): Promise<RecognizedImage | undefined> {
  const { head } = reader;
  const mbr = readMbr(head);
  const gpt = await readGpt(reader);
  if (gpt) return gptDisk(reader, gpt, mbr ?? []);
  // The boot sector of a volume ends as an MBR does, and its code may look like a table.
  const fileSystem = fileSystemName(head);
  const layout = fatLayout(head);
  if (mbr?.length && !(layout && !plausible(mbr, reader.size))) return mbrDisk(reader, mbr);
  if (fileSystem) return volumeWithoutTable(reader, fileSystem);
  if (!mbr) return undefined;
  // A signature, and no partitions: code that loads the rest by itself, or a disk that was only begun.
  const { bootCode, problems } = isZero(head.subarray(0, CODE_SIZE))
    ? {
        bootCode: 'none' as const,
        problems: [blocking('The disk does not boot: it has neither boot code nor partitions.')],
      }
    : { bootCode: 'present' as const, problems: [] };
  return diskResult(reader, {
    scheme: 'none',
    partitions: [],
    bootCode,
    problems,
    guest: guessGuest({ boot: bootText(head) }),
  });
}

interface Findings {
  scheme: 'mbr' | 'gpt' | 'none';
  partitions: Partition[];
  bootCode: BootCode;
  problems: ImageProblem[];
  guest: Guest;
  fileSystem?: string;
}

async function diskResult(reader: ImageReader, findings: Findings): Promise<RecognizedImage> {
  const { scheme, partitions, bootCode, guest, fileSystem } = findings;
  const { size, head } = reader;
  const problems = [...findings.problems, ...sizeProblems(reader, partitions)];
  const contents = fileSystem
    ? `${fileSystem} without partition table`
    : `${scheme === 'none' ? 'no partition table' : scheme.toUpperCase()}${partitions.length ? `, ${list(partitions)}` : ''}`;
  const vhd = (await hasVhdFooter(reader)) ? ' (VHD of fixed size)' : '';
  return {
    kind: 'disk',
    title: `Disk, ${sizeText(size)}${vhd}, ${contents}, ${bootCode === 'present' ? 'boots' : 'does not boot'}`,
    problems,
    scheme,
    partitions,
    bootCode,
    geometry: diskGeometry(head, Math.floor(size / SECTOR)),
    fileSystem,
    proposal: {
      guestOs: guest.name,
      memoryMiB: guest.memoryMiB,
      start: 'drive',
      drives: [{ model: 'ide-hd', bus: 0, unit: 0, medium: { kind: 'image' } }],
      bootOrder: ['disk'],
      nic: guest.nic,
    },
  };
}

function list(partitions: readonly Partition[]): string {
  const types = [...new Set(partitions.map(({ type }) => type))];
  const shown = types.slice(0, 4).join(' + ') + (types.length > 4 ? ' + …' : '');
  return partitions.length === 1 ? shown : `${partitions.length} partitions (${shown})`;
}

function sizeProblems({ size }: ImageReader, partitions: readonly Partition[]): ImageProblem[] {
  const end = partitions.reduce((most, partition) => Math.max(most, partition.start + partition.size), 0);
  if (end > size)
    return [
      warning(
        `The image is truncated: its partitions end at ${sizeText(end)}, the file at ${sizeText(size)}. Fetch it again.`,
      ),
    ];
  if (size % SECTOR !== 0)
    return [warning(`The file is no whole number of sectors: its last ${size % SECTOR} bytes are left out.`)];
  return [];
}

async function mbrDisk(reader: ImageReader, mbr: MbrEntry[]): Promise<RecognizedImage> {
  const all = [...mbr, ...(await logicalPartitions(reader, mbr))];
  const { bootCode, problems, boot, files } = await mbrBoot(reader, mbr);
  const guest = guessGuest({ boot, files, partitions: all.map(({ type }) => type) });
  return diskResult(reader, { scheme: 'mbr', partitions: all.map(mbrPartition), bootCode, problems, guest });
}

/** What a BIOS comes to: the MBR's code, and by the customary code the first sector of the active partition. */
async function mbrBoot(
  reader: ImageReader,
  mbr: readonly MbrEntry[],
): Promise<{ bootCode: BootCode; problems: ImageProblem[]; boot: string; files: string[] }> {
  const { head } = reader;
  const active = mbr.find((entry) => entry.active);
  const start = (active ?? mbr[0])?.start ?? 0;
  const files = await fatRootNames(reader, start * SECTOR);
  if (isZero(head.subarray(0, CODE_SIZE))) {
    const text = 'The disk does not boot: there is no code in its first sector (master boot record).';
    return {
      bootCode: 'none',
      problems: [warning(`${text} It can be used beside a disk that boots.`)],
      boot: '',
      files,
    };
  }
  const code = bootText(head);
  if (knowsItsWay(code)) return { bootCode: 'present', problems: [], boot: code, files };
  if (!active) {
    const text = 'The disk does not boot: its boot code looks for an active partition, and none is.';
    return { bootCode: 'not-bootable', problems: [warning(text)], boot: code, files };
  }
  const sector = await reader.bytes(active.start * SECTOR, SECTOR);
  if (u16(sector, 510) !== 0xaa55) {
    const text = 'The disk does not boot: its active partition has no boot sector.';
    return { bootCode: 'not-bootable', problems: [warning(text)], boot: code, files };
  }
  return { bootCode: 'present', problems: [], boot: `${code}${bootText(sector)}`, files };
}

/** Loaders know where their next part lies; the customary code, by its messages, looks for an active partition. */
function knowsItsWay(code: string): boolean {
  return /GRUB|LILO/.test(code) || !/partition|operating system/i.test(code);
}

async function gptDisk(reader: ImageReader, gpt: Gpt, mbr: readonly MbrEntry[]): Promise<RecognizedImage> {
  const { head } = reader;
  const { partitions, damage } = gpt;
  const problems = damage ? [warning(`The disk’s partition table (GPT) is damaged: ${damage}.`)] : [];
  const code = !isZero(head.subarray(0, CODE_SIZE));
  const boot = bootText(head);
  const biosPart = partitions.some(({ type, active }) => GPT_BIOS_BOOT.has(type) || active);
  const hybrid = mbr.some(({ type }) => type !== PROTECTIVE);
  const boots = code && (biosPart || hybrid || knowsItsWay(boot));
  if (!boots) {
    const efi = partitions.some(({ type }) => type === 'EFI system');
    problems.unshift(
      efi
        ? blocking('The disk boots by EFI only; the machine here has a BIOS.')
        : warning('The disk does not boot: it has a partition table (GPT) without boot code for a BIOS.'),
    );
  }
  const only64 = partitions.some(({ type }) => type === 'Linux root, x86-64');
  if (only64)
    problems.unshift(blocking('It is for 64-bit processors (x86-64, amd64) only: the machine here has a 32-bit one.'));
  const types = partitions.map(({ type }) => type).join(' ');
  const guest = guessGuest({ label: /BSD|Haiku/.exec(types) ? types : '', boot });
  return diskResult(reader, {
    scheme: 'gpt',
    partitions,
    bootCode: boots ? 'present' : code ? 'not-bootable' : 'none',
    problems,
    guest,
  });
}

async function volumeWithoutTable(reader: ImageReader, fileSystem: string): Promise<RecognizedImage> {
  const { head } = reader;
  const files = await fatRootNames(reader, 0);
  const boots = isBootSector(head) && !/not a bootable disk/i.test(bootText(head));
  const problems: ImageProblem[] = [];
  if (!boots)
    problems.push(
      warning(`The disk does not boot: it is a file system (${fileSystem}) alone. A guest that runs can use it.`),
    );
  problems.push(...volumeCut(reader));
  return diskResult(reader, {
    scheme: 'none',
    partitions: [],
    bootCode: boots ? 'present' : 'not-bootable',
    problems,
    guest: guessGuest({ files, boot: boots ? bootText(head) : '' }),
    fileSystem,
  });
}

/** Of a file system that begins with the file: it is longer than the file. */
function volumeCut({ head, size }: ImageReader): ImageProblem[] {
  const declared = fatLayout(head)?.size ?? 0;
  if (declared <= size) return [];
  const sizes = `its file system has ${sizeText(declared)}, the file ${sizeText(size)}`;
  return [warning(`The image is truncated: ${sizes}. Fetch it again.`)];
}

/** A table that a formatted disk would have: partitions within the disk that do not overlap. */
function plausible(mbr: readonly MbrEntry[], size: number): boolean {
  const sorted = [...mbr].sort((a, b) => a.start - b.start);
  return sorted.every(({ start, count }, i) => {
    const next = sorted[i + 1]?.start ?? Math.ceil(size / SECTOR);
    return start > 0 && start + count <= next;
  });
}

function isBootSector(head: Uint8Array): boolean {
  return u16(head, 510) === 0xaa55 && !isZero(head.subarray(0, 62));
}

function bootText(sector: Uint8Array): string {
  return latin1(sector, 0, SECTOR);
}

/** All zeros or what a formatted, empty track has. */
async function isBlank(reader: ImageReader): Promise<boolean> {
  const { head } = reader;
  return head.every((byte) => byte === head[0]) && [0x00, 0xf6, 0xff].includes(head[0]);
}
