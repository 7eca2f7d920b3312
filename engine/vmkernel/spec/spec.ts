// What a virtual machine is to the vmkernel and to all layers above it: its specification and what can be seen of it. Plain
// structured-cloneable data. The specification is whole: a host builds the VM, and takes one in that runs, from it alone.

import type { BootOptions } from '../../pc/bus/boot.ts';
import type { DeviceSpec, PropertyValues } from '../../pc/bus/device-model.ts';

/** Where an image comes from: a path under the site's own origin, or bytes the person chose. */
export type ImageSource =
  | { kind: 'url'; url: string }
  | { kind: 'bytes'; name: string; bytes: Uint8Array<ArrayBuffer> };

export interface NicSpec {
  /** A device model whose role is `network` (pc/machine/device-models.ts). */
  model: string;
  /** As 52:54:00:12:34:56. Stays with the VM. */
  mac: string;
  /** Of the model, other than `index` and `mac`. */
  properties?: PropertyValues;
  /** Name of the port group; the default one (`VM Network`) if left out. */
  portGroup?: string;
}

/** Where a medium's contents come from. What the guest writes never reaches a blob, an URL or bytes. */
export type MediumSource =
  /** A file that the user chose: read in slices while it is used. */
  | { kind: 'blob'; blob: Blob }
  /** Under the site's own origin. */
  | { kind: 'url'; url: string }
  | { kind: 'bytes'; bytes: Uint8Array<ArrayBuffer> }
  /** Nothing but zeros: a new disk of that many bytes. */
  | { kind: 'blank'; size: number }
  /** A file where the host has files (the runner). What the guest writes goes there, unless it is a snapshot. */
  | { kind: 'path'; path: string; snapshot?: boolean }
  /** It is open already, with what the guest has written, in that browser tab (HostInfo.tabId), under the VM's id. */
  | { kind: 'held'; tab: string };

export interface MediumSpec {
  /** For the user: the file's name for instance. */
  name: string;
  source: MediumSource;
  readOnly?: boolean;
  /** Bytes; known once it was opened. */
  size?: number;
}

export interface DriveSpec {
  /** A device model whose role is `drive`. */
  model: string;
  /** Where it sits: properties of the model other than `index`. */
  properties?: PropertyValues;
  /** What lies in it; a drive without one is empty. */
  medium?: MediumSpec;
}

/** A CPU as CPUID describes it (cpu-models.ts). */
export interface CpuSpec {
  model: string;
  /** By name: true reports one that the model lacks, false masks one that it has. */
  features?: Readonly<Record<string, boolean>>;
}

export interface FirmwareSpec {
  /** The machine's ROM: the CPU starts at the reset vector. */
  image: ImageSource;
  /** Its size, a multiple of 64: memory is set aside for it before the image is there. */
  sizeKiB: number;
  roms?: readonly OptionRomSpec[];
}

/** A program that firmware finds on PCI cards of one model and runs, such as the VGA BIOS. */
export interface OptionRomSpec {
  /** The device model; a network card's too. */
  model: string;
  image: ImageSource;
  /** Of the ROM, a power of two, 4 to 1024; the image may be smaller. */
  sizeKiB: number;
}

export interface ModuleSpec {
  image: ImageSource;
  /** Passed to the kernel with the module; by custom it begins with the image's name. */
  commandLine: string;
}

export interface VmSpec {
  /** Unique on the subnet, stays with the VM through migrations. */
  id: string;
  name: string;
  guestOs: string;
  memoryMiB: number;
  /** DEFAULT_CPU if left out. */
  cpu?: CpuSpec;
  /** Without it the kernel is started directly. */
  firmware?: FirmwareSpec;
  /** There is none with firmware. */
  kernel?: ImageSource;
  initrd?: ImageSource;
  /** Of a kernel's machine with a standard VGA: its option ROM, which is not run. The text mode that the kernel finds has its font. */
  vgaBios?: ImageSource;
  /** What a multiboot kernel is given beside it, in this order, instead of an initrd. */
  modules?: readonly ModuleSpec[];
  commandLine: string;
  /** For firmware. */
  boot?: BootOptions;
  /** None when missing. */
  nics?: NicSpec[];
  /** By index. None when missing. */
  drives?: DriveSpec[];
  /** Beside network cards, drives and what every machine has. DEFAULT_DEVICES if left out. */
  devices?: readonly DeviceSpec[];
}

export interface FirmwareOutline {
  sizeKiB: number;
  roms?: readonly Omit<OptionRomSpec, 'image'>[];
}

/** A drive without its medium's contents. */
export type DriveOutline = Omit<DriveSpec, 'medium'> & { medium?: MediumOutline };

export type MediumOutline = Omit<MediumSpec, 'source'> & {
  /** The browser tab whose memory holds it; it can be opened anywhere if missing. */
  tab?: string;
};

/** A specification without its images and media: what decides whether a host can take the VM. */
export type VmOutline = Omit<VmSpec, 'firmware' | 'kernel' | 'initrd' | 'vgaBios' | 'modules' | 'drives'> & {
  firmware?: FirmwareOutline;
  drives?: DriveOutline[];
};

/** `paused`: it is on, its vCPU and its time stand still. */
export type PowerState = 'off' | 'starting' | 'running' | 'paused' | 'migrating' | 'crashed';

export interface Registers {
  eip: number;
  eflags: number;
  eax: number;
  ebx: number;
  ecx: number;
  edx: number;
  esi: number;
  edi: number;
  ebp: number;
  esp: number;
  cr0: number;
  cr2: number;
  cr3: number;
  cr4: number;
  cs: number;
  ss: number;
  ds: number;
  es: number;
  fs: number;
  gs: number;
}

export interface ExitCounters {
  /** The slice was used up. */
  slice: number;
  /** Something asked the vCPU to look around, or code was written over. */
  request: number;
  /** No region was known for where it went on. */
  unlinked: number;
  /** An access the TLB does not let pass: a miss, MMIO, a page with code in it. */
  miss: number;
  /** An exception, or a segment check. */
  fault: number;
  /** An instruction that only the interpreter does. */
  interpret: number;
}

/** Cumulative since power-on; a console forms rates from two samples. */
export interface VmCounters {
  instructions: number;
  translatedInstructions: number;
  tlbMisses: number;
  interrupts: number;
  exceptions: number;
  /** Regions made so far. */
  regions: number;
  /** Those there are now, one WebAssembly module each, and the bytes of the modules. Not cumulative. */
  liveRegions: number;
  wasmBytes: number;
  /** Regions evicted because all of them together took too much memory, or had not been used for a while. */
  evictions: number;
  /** ms spent on making regions, by the vCPU's worker or by the host's translator. */
  translationMs: number;
  /** Why translated code was left to the dispatcher. */
  exits: ExitCounters;
  /** Times that guest code was changed under what was decoded or translated of it. */
  invalidations: number;
  undefinedInstructions: number;
  /** ms during which the vCPU executed, or waited for a core in between: a browser offers no way to distinguish the two. */
  busyMs: number;
  /** ms since power-on, migrations included. */
  uptimeMs: number;
  /** What it takes now. Not cumulative. */
  overhead: VmOverhead;
}

/** Bytes that a VM takes beyond its RAM. */
export interface VmOverhead {
  /** The CPU block: registers, TLBs, jump cache. */
  cpu: number;
  /** Decoded instructions, the table by which code is found, counters of regions. */
  code: number;
  /** For each page of RAM: where it lies, whether it was written, whether it holds code. */
  pages: number;
  /** Modules of regions in the browser's memory, estimated. */
  translations: number;
}
