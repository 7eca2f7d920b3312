// What recognition finds: what a file is, what is wrong with it, and what machine suits it. Structured-cloneable.

import type { FloppyFormat } from '../bus/floppy-formats.ts';
import type { DiskGeometry } from './disk-geometry.ts';

/** A user-facing sentence. */
export interface ImageProblem {
  text: string;
  /** It cannot be used as it is; otherwise it may work. */
  blocks: boolean;
}

export interface ProposedDrive {
  model: 'ide-hd' | 'ide-cd' | 'floppy';
  /** IDE channel, 0 or 1; of a floppy drive 0. */
  bus: number;
  unit: number;
  /** The file itself, padded with zeros to a size in bytes where its own is not that of a medium; or an empty disk. */
  medium: { kind: 'image'; padTo?: number } | { kind: 'blank'; sizeMiB: number };
}

/** Settings that suit; the user may change each. */
export interface ProposedVm {
  /** What the guest is called in the VM's specification. */
  guestOs: string;
  memoryMiB: number;
  /** The file is started by firmware from a drive, is itself a kernel, or is itself the firmware. */
  start: 'drive' | 'kernel' | 'rom';
  drives: ProposedDrive[];
  /** What firmware tries, in this order. */
  bootOrder: ('floppy' | 'disk' | 'cdrom')[];
  /** A model of network card that the guest is likely to have a driver for. */
  nic: 'virtio-net' | 'ne2k-pci';
}

interface Common {
  /** What the user reads: "ISO 9660, “Debian 12.5.0 i386 n”, boots by BIOS and EFI". */
  title: string;
  problems: ImageProblem[];
  /** Missing where the file alone makes no machine. */
  proposal?: ProposedVm;
}

export interface BootEntry {
  platform: 'bios' | 'powerpc' | 'mac' | 'efi' | 'unknown';
  emulation: 'none' | 'floppy-1.2M' | 'floppy-1.44M' | 'floppy-2.88M' | 'disk' | 'unknown';
  bootable: boolean;
  /** Where the image lies in the file, and how much of it is loaded at first, bytes. */
  offset: number;
  loadedBytes: number;
}

export interface Partition {
  scheme: 'mbr' | 'gpt';
  /** What its table entry says that it is. */
  type: string;
  /** GPT's, where it has one. */
  name?: string;
  active: boolean;
  /** Bytes. */
  start: number;
  size: number;
}

/** How far a machine with a BIOS gets with a disk: what is missing, or what its boot code is. */
export type BootCode = 'none' | 'present' | 'not-bootable';

export type PackedFormat =
  | 'gzip'
  | 'zip'
  | 'xz'
  | 'zstd'
  | 'bzip2'
  | '7z'
  | 'tar'
  | 'lz4'
  | 'lzma'
  | 'rar'
  | 'cab'
  | 'lzo';

export type RecognizedImage = Common &
  (
    | { kind: 'linux-kernel'; version: string; bits: 32 | 64 }
    | { kind: 'initrd'; packed?: PackedFormat }
    | { kind: 'multiboot-kernel'; specification: 1 | 2 }
    | { kind: 'elf' }
    | { kind: 'rom'; role: 'system' | 'option' }
    | {
        kind: 'cd';
        volumeId: string;
        bootEntries: BootEntry[];
        /** It is a disk image too. */
        hybrid: boolean;
        /** What the volume says that it has, bytes. */
        volumeSize: number;
        fileSystem: 'iso9660' | 'udf';
      }
    | {
        kind: 'disk';
        scheme: 'mbr' | 'gpt' | 'none';
        partitions: Partition[];
        bootCode: BootCode;
        geometry: DiskGeometry;
        /** Where the disk has no partition table. */
        fileSystem?: string;
      }
    | { kind: 'floppy'; format: FloppyFormat; bootCode: BootCode }
    /** A format that holds a disk. */
    | { kind: 'disk-format'; format: string; virtualSize?: number }
    /** `unpackable`: workers/unpack does it. */
    | { kind: 'packed'; format: PackedFormat; unpackable: boolean; unpackedSize?: number }
    /** A program of another system, text, nothing at all. */
    | { kind: 'unusable' }
  );

export function isUsable({ problems }: RecognizedImage): boolean {
  return !problems.some(({ blocks }) => blocks);
}

export function blocking(text: string): ImageProblem {
  return { text, blocks: true };
}

export function warning(text: string): ImageProblem {
  return { text, blocks: false };
}
