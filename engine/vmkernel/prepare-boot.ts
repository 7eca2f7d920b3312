// From a VM's specification to what must lie in its memory when it starts: fetches the images and places kernel, initrd,
// boot parameters and ACPI tables.

import { buildAcpiTables } from '../firmware/acpi.ts';
import { type BootImage, linuxBoot } from '../firmware/linux-boot.ts';
import type { ImageSource, VmSpec } from './spec.ts';

/** Rejects with a message for a person. */
export type FetchImage = (source: ImageSource) => Promise<Uint8Array>;

/** Rejects with ImageError when the images cannot be booted on this VM. */
export async function prepareBoot(spec: VmSpec, fetchImage: FetchImage): Promise<BootImage> {
  const [kernel, initrd] = await Promise.all([fetchImage(spec.kernel), spec.initrd && fetchImage(spec.initrd)]);
  return linuxBoot({
    kernel,
    initrd,
    commandLine: spec.commandLine,
    memoryMiB: spec.memoryMiB,
    acpi: buildAcpiTables(),
  });
}
