// Places a multiboot kernel and its modules in guest memory and writes the information structure that it finds through EBX
// (Multiboot Specification 0.6.96, §3.2 machine state, §3.3 boot information). Pure, as linux-boot.ts.
//
//   0x00006000  GDT: null, null, flat code (0x10), flat data (0x18)
//   0x00009000  boot information: structure, memory map, module list, strings (behind the modules if the kernel lies here)
//   ...         kernel, where it says
//   then        modules, each on a page boundary, above 1 MiB
import { MIB, PAGE_SIZE } from '../../base/sizes.ts';
import type { AcpiTables } from './acpi.ts';
import {
  BOOT_CS,
  BOOT_DS,
  BOOT_GDT_SIZE,
  type BootImage,
  biosData,
  bootGdt,
  CONVENTIONAL_END,
  memoryMap,
  type Segment,
} from './boot-image.ts';
import { ImageError } from './image-error.ts';
import { loadMultiboot } from './multiboot-header.ts';

export interface BootModule {
  bytes: Uint8Array;
  /** What the kernel gets as the module's string: by custom its file name and arguments. */
  commandLine: string;
}

export interface MultibootOptions {
  kernel: Uint8Array;
  /** Offset of its multiboot header. */
  header: number;
  /** The whole string, by custom beginning with the kernel's file name. */
  commandLine: string;
  modules: readonly BootModule[];
  memoryMiB: number;
  /** Tables that it finds by searching the BIOS area, see acpi.ts. */
  acpi?: AcpiTables;
}

const LOADER_MAGIC = 0x2badb002;
const GDT = 0x6000;
const STACK_TOP = 0x9000;
const INFORMATION = 0x9000;
const CONVENTIONAL_FREE_END = 0x80000;
const EXTENDED = 0x100000;

const HAS_MEMORY = 1 << 0;
const HAS_BOOT_DEVICE = 1 << 1;
const HAS_COMMAND_LINE = 1 << 2;
const HAS_MODULES = 1 << 3;
const HAS_MEMORY_MAP = 1 << 6;
const HAS_LOADER_NAME = 1 << 9;
/** First hard disk, no partition. */
const BOOT_DEVICE = 0x8000ffff;
const LOADER_NAME = 'tabvisor';

// Offsets in the information structure.
const MEM_LOWER = 4;
const MEM_UPPER = 8;
const BOOT_DEVICE_AT = 12;
const CMDLINE = 16;
const MODS_COUNT = 20;
const MODS_ADDR = 24;
const MMAP_LENGTH = 44;
const MMAP_ADDR = 48;
const LOADER_NAME_AT = 64;
const INFORMATION_SIZE = 120;
const MODULE_SIZE = 16;
/** With the size field before it, which does not count itself. */
const MAP_ENTRY_SIZE = 24;

/** Throws ImageError, with a user-facing message, when the kernel cannot be loaded on this VM. */
export function multibootBoot(options: MultibootOptions): BootImage {
  const memoryEnd = options.memoryMiB * MIB;
  const image = loadMultiboot(options.kernel, options.header);
  if (image.end > memoryEnd) {
    throw new ImageError(
      `The kernel needs at least ${Math.ceil(image.end / MIB)} MiB to load; the VM has ${options.memoryMiB} MiB. Give it more memory.`,
    );
  }
  const modules: Segment[] = [];
  let free = pageAlign(Math.max(image.end, EXTENDED));
  for (const { bytes } of options.modules) {
    modules.push({ guestPhysical: free, bytes });
    free = pageAlign(free + bytes.length);
  }
  if (free > memoryEnd) {
    throw new ImageError(
      `The modules do not fit behind the kernel into ${options.memoryMiB} MiB. Give the VM more memory.`,
    );
  }
  const low = image.segments.every(
    ({ guestPhysical, bytes }) => guestPhysical >= CONVENTIONAL_FREE_END || guestPhysical + bytes.length <= GDT,
  );
  const information = bootInformation(low ? INFORMATION : free, options, modules);
  if (information.guestPhysical + information.bytes.length > (low ? CONVENTIONAL_FREE_END : memoryEnd)) {
    throw new ImageError('The command lines of kernel and modules are too long.');
  }
  const gdt: Segment = { guestPhysical: low ? GDT : pageAlign(free + information.bytes.length), bytes: bootGdt() };
  return {
    // The kernel may lie over what a BIOS would have left.
    segments: [...biosData(), ...(options.acpi?.segments ?? []), gdt, ...image.segments, ...modules, information],
    initialState: {
      eip: image.entry,
      eax: LOADER_MAGIC,
      ebx: information.guestPhysical,
      esi: 0,
      esp: STACK_TOP,
      gdtBase: gdt.guestPhysical,
      gdtLimit: BOOT_GDT_SIZE - 1,
      csSelector: BOOT_CS,
      dsSelector: BOOT_DS,
    },
  };
}

/** The structure with everything that it points to but the modules themselves. */
function bootInformation(at: number, options: MultibootOptions, modules: readonly Segment[]): Segment {
  const map = memoryMap(options.memoryMiB * MIB);
  const mapAt = INFORMATION_SIZE;
  const modulesAt = mapAt + map.length * MAP_ENTRY_SIZE;
  const strings = [options.commandLine, LOADER_NAME, ...options.modules.map(({ commandLine }) => commandLine)].map(
    (text) => Uint8Array.of(...new TextEncoder().encode(text), 0),
  );
  const size = strings.reduce((sum, { length }) => sum + length, modulesAt + modules.length * MODULE_SIZE);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const set = (offset: number, value: number) => view.setUint32(offset, value, true);

  let stringAt = modulesAt + modules.length * MODULE_SIZE;
  const [commandLine, loaderName, ...moduleStrings] = strings.map((text) => {
    bytes.set(text, stringAt);
    stringAt += text.length;
    return at + stringAt - text.length;
  });
  set(0, HAS_MEMORY | HAS_BOOT_DEVICE | HAS_COMMAND_LINE | HAS_MEMORY_MAP | HAS_LOADER_NAME | HAS_MODULES);
  set(MEM_LOWER, CONVENTIONAL_END / 1024);
  set(MEM_UPPER, (options.memoryMiB - 1) * 1024);
  set(BOOT_DEVICE_AT, BOOT_DEVICE);
  set(CMDLINE, commandLine);
  set(MODS_COUNT, modules.length);
  set(MODS_ADDR, at + modulesAt);
  set(MMAP_LENGTH, map.length * MAP_ENTRY_SIZE);
  set(MMAP_ADDR, at + mapAt);
  set(LOADER_NAME_AT, loaderName);
  for (const [i, { start, end, type }] of map.entries()) {
    const entry = mapAt + i * MAP_ENTRY_SIZE;
    set(entry, MAP_ENTRY_SIZE - 4);
    view.setBigUint64(entry + 4, BigInt(start), true);
    view.setBigUint64(entry + 12, BigInt(end - start), true);
    set(entry + 20, type);
  }
  for (const [i, { guestPhysical, bytes: content }] of modules.entries()) {
    const entry = modulesAt + i * MODULE_SIZE;
    set(entry, guestPhysical);
    set(entry + 4, guestPhysical + content.length);
    set(entry + 8, moduleStrings[i]);
  }
  return { guestPhysical: at, bytes };
}

function pageAlign(address: number): number {
  return Math.ceil(address / PAGE_SIZE) * PAGE_SIZE;
}
