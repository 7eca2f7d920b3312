// From a VM's specification to what must lie in its memory when it starts: fetches the images and places kernel, initrd or
// module, boot parameters, ACPI and SMBIOS tables, or takes firmware's ROM.

import type { BootImage } from '../../pc/firmware/boot-image.ts';
import { ImageError } from '../../pc/firmware/image-error.ts';
import { kernelBoot } from '../../pc/firmware/kernel-boot.ts';
import { romBoot } from '../../pc/firmware/rom-boot.ts';
import { vgaFont } from '../../pc/firmware/vga-font.ts';
import { acpiMachine } from '../../pc/machine/machine-description.ts';
import { machineSpec } from '../spec/machine-spec.ts';
import type { FirmwareSpec, ImageSource, VmSpec } from '../spec/spec.ts';

/** Rejects with a user-facing message; ends when it is aborted, and when no more data arrives. */
export type FetchImage = (source: ImageSource, signal?: AbortSignal) => Promise<Uint8Array>;

/** Rejects with ImageError when the images cannot be booted on this VM. */
export async function prepareBoot(spec: VmSpec, fetchImage: FetchImage, signal?: AbortSignal): Promise<BootImage> {
  const { firmware, kernel, initrd, vgaBios, modules = [], commandLine, memoryMiB } = spec;
  if (firmware) return prepareFirmware(firmware, fetchImage, signal);
  if (!kernel) throw new ImageError('There is neither firmware nor a kernel.');
  const given = initrd ? [{ image: initrd, commandLine: nameOf(initrd) }] : modules;
  const [kernelFile, ...files] = await Promise.all(
    [kernel, ...given.map(({ image }) => image)].map((image) => fetchImage(image, signal)),
  );
  const { devices, identity } = machineSpec(spec);
  const boot = kernelBoot({
    kernel: kernelFile,
    kernelName: nameOf(kernel),
    commandLine,
    modules: files.map((bytes, index) => ({ bytes, commandLine: given[index].commandLine })),
    memoryMiB,
    acpi: acpiMachine(devices, memoryMiB),
    identity,
  });
  return vgaBios ? { ...boot, font: vgaFont(await fetchImage(vgaBios, signal)) } : boot;
}

async function prepareFirmware(
  { image, roms = [] }: FirmwareSpec,
  fetchImage: FetchImage,
  signal?: AbortSignal,
): Promise<BootImage> {
  const [bios, ...images] = await Promise.all(
    [image, ...roms.map((rom) => rom.image)].map((one) => fetchImage(one, signal)),
  );
  return romBoot(
    bios,
    roms.map(({ model, sizeKiB }, n) => ({ model, sizeKiB, image: images[n] })),
  );
}

function nameOf(source: ImageSource): string {
  return source.kind === 'bytes' ? source.name : source.url;
}
