// Places a Linux kernel in guest memory the way a boot loader does, by the 32-bit boot protocol
// (Documentation/arch/x86/boot.rst, "32-bit Boot Protocol"). Pure: the result lists what belongs where; the caller copies.
//
//   0x00006000  GDT: null, null, __BOOT_CS (0x10), __BOOT_DS (0x18), flat 4 GiB
//   0x00007000  zero page (struct boot_params)
//   0x00008000  code that sets the mode of the screen, if there is one
//   0x00010000  stack, growing down
//   0x00020000  command line
//   0x0009fc00  end of conventional memory (the extended BIOS data area, then the hole for video memory and ROMs)
//   0x000e0000  ACPI tables
//   0x00100000  kernel (or its preferred address), then free memory
//   top         initrd, as high as kernel and memory allow
import { MIB, PAGE_SIZE } from '../../base/sizes.ts';
import {
  BOOT_CS,
  BOOT_DS,
  BOOT_GDT_SIZE,
  type BootImage,
  biosData,
  bootGdt,
  type InitialState,
  memoryMap,
  type Segment,
} from './boot-image.ts';
import { HEADER_START, parseBzImage } from './bzimage.ts';
import { ImageError } from './image-error.ts';
import { checkInitramfs } from './initramfs.ts';
import { screenInfo, setModeCode } from './linux-screen.ts';

export interface LinuxBootOptions {
  kernel: Uint8Array;
  initrd?: Uint8Array;
  commandLine: string;
  memoryMiB: number;
  /** The machine has a display adapter. */
  hasDisplay?: boolean;
  /** Tables to hand over, see acpi.ts. Without them the guest finds no ACPI. */
  acpi?: { segments: Segment[]; rsdp: number };
}

export interface LinuxBoot extends BootImage {
  initialState: InitialState;
}

const GDT = 0x6000;
const ZERO_PAGE = 0x7000;
const SET_MODE = 0x8000;
const STACK_TOP = 0x10000;
const COMMAND_LINE = 0x20000;

// struct boot_params (Documentation/arch/x86/zero-page.rst)
const BP_ACPI_RSDP_ADDR = 0x070;
const BP_E820_ENTRIES = 0x1e8;
const BP_VID_MODE = 0x1fa;
const BP_TYPE_OF_LOADER = 0x210;
const BP_CODE32_START = 0x214;
const BP_RAMDISK_IMAGE = 0x218;
const BP_RAMDISK_SIZE = 0x21c;
const BP_CMD_LINE_PTR = 0x228;
const BP_E820_TABLE = 0x2d0;

const LOADER_UNDEFINED = 0xff;
const VIDEO_NORMAL = 0xffff;

/** Throws ImageError, with a user-facing message, when kernel, initrd or command line cannot be booted on this VM. */
export function linuxBoot(options: LinuxBootOptions): LinuxBoot {
  const kernel = parseBzImage(options.kernel);
  const memoryEnd = options.memoryMiB * MIB;
  const kernelEnd = kernel.loadAddress + kernel.initSize;
  if (kernelEnd > memoryEnd) {
    throw new ImageError(
      `The kernel needs at least ${Math.ceil(kernelEnd / MIB)} MiB to start; the VM has ${options.memoryMiB} MiB. Give it more memory.`,
    );
  }

  const commandLine = new TextEncoder().encode(options.commandLine);
  if (commandLine.length > kernel.commandLineMax) {
    throw new ImageError(
      `The kernel command line is too long: ${commandLine.length} bytes, this kernel takes ${kernel.commandLineMax}.`,
    );
  }
  if (commandLine.includes(0)) throw new ImageError('The kernel command line contains a zero byte.');

  const zeroPage = new Uint8Array(PAGE_SIZE);
  const view = new DataView(zeroPage.buffer);
  zeroPage.set(kernel.header, HEADER_START);
  view.setUint16(BP_VID_MODE, VIDEO_NORMAL, true);
  view.setUint8(BP_TYPE_OF_LOADER, LOADER_UNDEFINED);
  view.setUint32(BP_CODE32_START, kernel.loadAddress, true);
  view.setUint32(BP_CMD_LINE_PTR, COMMAND_LINE, true);
  writeMemoryMap(view, memoryEnd);

  const segments: Segment[] = [
    ...biosData(),
    { guestPhysical: GDT, bytes: bootGdt() },
    { guestPhysical: ZERO_PAGE, bytes: zeroPage },
    { guestPhysical: COMMAND_LINE, bytes: Uint8Array.of(...commandLine, 0) },
    { guestPhysical: kernel.loadAddress, bytes: kernel.payload },
  ];
  if (options.acpi) {
    view.setBigUint64(BP_ACPI_RSDP_ADDR, BigInt(options.acpi.rsdp), true);
    segments.push(...options.acpi.segments);
  }
  if (options.hasDisplay) {
    zeroPage.set(screenInfo());
    segments.push({ guestPhysical: SET_MODE, bytes: setModeCode(SET_MODE, kernel.loadAddress) });
  }
  if (options.initrd && options.initrd.length > 0) {
    const address = placeInitrd(options.initrd, kernelEnd, Math.min(memoryEnd, kernel.initrdAddressMax + 1), memoryEnd);
    view.setUint32(BP_RAMDISK_IMAGE, address, true);
    view.setUint32(BP_RAMDISK_SIZE, options.initrd.length, true);
    segments.push({ guestPhysical: address, bytes: options.initrd });
  }

  return {
    segments,
    initialState: {
      eip: options.hasDisplay ? SET_MODE : kernel.loadAddress,
      esi: ZERO_PAGE,
      esp: STACK_TOP,
      gdtBase: GDT,
      gdtLimit: BOOT_GDT_SIZE - 1,
      csSelector: BOOT_CS,
      dsSelector: BOOT_DS,
    },
  };
}

/** The highest page-aligned address in [lowest, end) that holds the initrd. */
function placeInitrd(initrd: Uint8Array, lowest: number, end: number, memoryEnd: number): number {
  checkInitramfs(initrd);
  const address = Math.floor((end - initrd.length) / PAGE_SIZE) * PAGE_SIZE;
  if (address < lowest) {
    throw new ImageError(
      `The initrd (${mebibytes(initrd.length)}) is too big for a VM with ${mebibytes(memoryEnd)}: ` +
        `beside the kernel ${mebibytes(Math.max(end - lowest, 0))} are free. Give the VM more memory.`,
    );
  }
  return address;
}

function writeMemoryMap(view: DataView, memoryEnd: number): void {
  const map = memoryMap(memoryEnd);
  view.setUint8(BP_E820_ENTRIES, map.length);
  for (const [i, { start, end, type }] of map.entries()) {
    const entry = BP_E820_TABLE + i * 20;
    view.setBigUint64(entry, BigInt(start), true);
    view.setBigUint64(entry + 8, BigInt(end - start), true);
    view.setUint32(entry + 16, type, true);
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1).replace(/\.0$/, '')} MiB`;
}
