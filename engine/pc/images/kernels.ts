// Recognises what starts without a BIOS: Linux kernels and those of the Multiboot Specification. Programs of other systems and
// for other processors are named.

import { checkBzImage, isBzImage, isBzImageFor64Bits, kernelVersion } from '../firmware/bzimage.ts';
import { checkProcessor, isElf } from '../firmware/elf-image.ts';
import { isMultiboot2 } from '../firmware/foreign-image.ts';
import { ImageError } from '../firmware/image-error.ts';
import { findMultibootHeader } from '../firmware/multiboot-header.ts';
import { hasAt, type ImageReader, latin1, u8, u16, u32 } from './image-file.ts';
import { blocking, type ImageProblem, type ProposedVm, type RecognizedImage } from './recognized.ts';

/** Characters of a version that are shown. */
const SHOWN_VERSION = 60;
const BITS_64 = '64-bit processors (x86-64, amd64)';

const LOADFLAGS = 0x211;
const LOADED_HIGH = 1;

export function linuxKernel({ head, size }: ImageReader): RecognizedImage | undefined {
  if (!isBzImage(head) || u16(head, 0x1fe) !== 0xaa55) return undefined;
  const version = kernelVersion(head).slice(0, SHOWN_VERSION);
  const problem = problemOf(() => checkBzImage(head, size));
  // Its boot sector loads it from a floppy disk, as memtest86+ 5 and Linux 2.2's zImage do; floppies are recognised elsewhere.
  if (problem && !(u8(head, LOADFLAGS) & LOADED_HIGH)) return undefined;
  const bits = isBzImageFor64Bits(head) ? 64 : 32;
  const short = version.split(' (')[0];
  return {
    kind: 'linux-kernel',
    title: `Linux kernel${short && ` ${short}`}, ${bits} bits`,
    problems: problem ? [problem] : [],
    version,
    bits,
    proposal: kernelProposal(`Linux${short && ` ${short}`}`, 'virtio-net', 256),
  };
}

export function multibootKernel({ head }: ImageReader): RecognizedImage | undefined {
  const elf = isElf(head);
  // A boot loader on a disk has such a header too, for those that load it as a kernel.
  if (!elf && u16(head, 0x1fe) === 0xaa55) return undefined;
  const multiboot1 = findMultibootHeader(head) >= 0;
  const multiboot2 = isMultiboot2(head);
  if (!multiboot1 && !multiboot2) return elf ? plainElf(head) : undefined;
  const problem = elf ? problemOf(() => checkProcessor(head)) : undefined;
  const specification = multiboot1 ? 1 : 2;
  const problems = problem ? [problem] : [];
  if (!multiboot1)
    problems.push(
      blocking(
        'The kernel has a Multiboot 2 header only; it can be started by GRUB from a disk or a CD, not directly.',
      ),
    );
  return {
    kind: 'multiboot-kernel',
    title: `Multiboot ${specification} kernel${elf ? ', ELF' : ''}`,
    problems,
    specification,
    proposal: kernelProposal('Multiboot kernel', 'ne2k-pci', 128),
  };
}

function plainElf(head: Uint8Array): RecognizedImage {
  const problem =
    problemOf(() => checkProcessor(head)) ??
    blocking(
      'It is an ELF program without a Multiboot header, so nothing here can start it. A Linux kernel is the file named vmlinuz or bzImage, not vmlinux.',
    );
  const bits = u8(head, 4) === 2 ? 64 : 32;
  return { kind: 'elf', title: `ELF program, ${bits} bits`, problems: [problem] };
}

const PE_PROCESSORS: Record<number, string> = {
  332: 'i386',
  448: 'ARM',
  452: 'ARM',
  512: 'IA-64',
  34404: BITS_64,
  43620: 'AArch64',
};
const PE_SUBSYSTEM_EFI_FIRST = 10;
const PE_SUBSYSTEM_EFI_LAST = 13;

/** Microsoft PE and COFF Specification, "MS-DOS Stub" to "Optional Header". */
export function windowsProgram({ head }: ImageReader): RecognizedImage | undefined {
  if (!hasAt(head, 0, 'MZ')) return undefined;
  const header = u32(head, 0x3c);
  if (!hasAt(head, header, 'PE\0\0'))
    return unusable(
      'DOS program',
      'It is a program for DOS, not a medium to start from: copy it to a floppy disk or a disk that has DOS.',
    );
  const processor = PE_PROCESSORS[u16(head, header + 4)];
  const subsystem = u16(head, header + 24 + 68);
  const efi = subsystem >= PE_SUBSYSTEM_EFI_FIRST && subsystem <= PE_SUBSYSTEM_EFI_LAST;
  const name = `${efi ? 'EFI' : 'Windows'} program${processor ? ` for ${processor}` : ''}`;
  return unusable(
    name,
    efi
      ? 'It is a program for EFI firmware; the machine here has a BIOS.'
      : 'It is a program for Windows, not a medium to start from: Windows has to run it.',
  );
}

/** Of 32 and 64 bits, and of several processors in one file (mach-o/loader.h, mach-o/fat.h). */
const MACH_O = ['\xce\xfa\xed\xfe', '\xcf\xfa\xed\xfe', '\xca\xfe\xba\xbe'];

/** A Linux kernel for ARM or another processor, or in U-Boot's wrapping. */
export function foreignKernel({ head }: ImageReader): RecognizedImage | undefined {
  if (hasAt(head, 0x38, 'ARM\x64')) return unusable('Linux kernel for AArch64', otherProcessor('AArch64'));
  if (hasAt(head, 0x24, '\x18\x28\x6f\x01')) return unusable('Linux kernel for ARM', otherProcessor('ARM'));
  if (hasAt(head, 0x30, 'RISCV\0\0\0')) return unusable('Linux kernel for RISC-V', otherProcessor('RISC-V'));
  if (hasAt(head, 0, '\x27\x05\x19\x56'))
    return unusable(
      'U-Boot image',
      'It is for boards that start by U-Boot; a kernel for PCs is named vmlinuz or bzImage.',
    );
  if (MACH_O.includes(latin1(head, 0, 4)))
    return unusable('macOS program', 'It is a program for macOS, not a medium to start from.');
  return undefined;
}

function otherProcessor(name: string): string {
  return `It is for ${name} processors; the machine here is a PC.`;
}

function unusable(title: string, problem: string): RecognizedImage {
  return { kind: 'unusable', title, problems: [blocking(problem)] };
}

function problemOf(check: () => void): ImageProblem | undefined {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return blocking(error.message);
  }
  return undefined;
}

function kernelProposal(guestOs: string, nic: ProposedVm['nic'], memoryMiB: number): ProposedVm {
  return { guestOs, memoryMiB, start: 'kernel', drives: [], bootOrder: [], nic };
}
