// Boots whatever kernel image it is given: a Linux bzImage, or a kernel with a multiboot header.
import { type AcpiMachine, buildAcpiTables } from './acpi.ts';
import type { BootImage } from './boot-image.ts';
import { isBzImage } from './bzimage.ts';
import { ImageError } from './image-error.ts';
import { linuxBoot } from './linux-boot.ts';
import { type BootModule, multibootBoot } from './multiboot.ts';
import { findMultibootHeader } from './multiboot-header.ts';
import { buildSmbiosFiles, type Identity, placeSmbios } from './smbios.ts';

export interface KernelBootOptions {
  kernel: Uint8Array;
  /** By which a multiboot kernel is called in its own command line. */
  kernelName: string;
  commandLine: string;
  /** Linux takes one, its initrd; a multiboot kernel any number. */
  modules: readonly BootModule[];
  memoryMiB: number;
  /** What of the machine its tables report. */
  acpi: AcpiMachine;
  identity: Identity;
}

/** Is this a multiboot kernel, and not a Linux one? */
export function isMultiboot(kernel: Uint8Array): boolean {
  return !isBzImage(kernel) && findMultibootHeader(kernel) >= 0;
}

/** Throws ImageError, with a user-facing message, when the images cannot be booted on this VM. */
export function kernelBoot(options: KernelBootOptions): BootImage {
  const { kernel, kernelName, commandLine, modules, memoryMiB, identity } = options;
  const { segments, rsdp } = buildAcpiTables(options.acpi);
  const acpi = { segments: [...segments, ...placeSmbios(buildSmbiosFiles(identity, memoryMiB))], rsdp };
  if (isMultiboot(kernel)) {
    const header = findMultibootHeader(kernel);
    return multibootBoot({ kernel, header, commandLine: `${kernelName} ${commandLine}`, modules, memoryMiB, acpi });
  }
  if (modules.length > 1) throw new ImageError('A Linux kernel takes one initrd.');
  const { hasDisplay } = options.acpi;
  return linuxBoot({ kernel, initrd: modules[0]?.bytes, commandLine, memoryMiB, hasDisplay, acpi });
}
