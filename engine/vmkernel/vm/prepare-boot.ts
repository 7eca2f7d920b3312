// From a VM's specification to what must lie in its memory when it starts: fetches the images and places kernel, initrd or
// module, boot parameters and ACPI tables.

import type { BootImage } from '../../pc/firmware/boot-image.ts';
import { kernelBoot } from '../../pc/firmware/kernel-boot.ts';
import type { ImageSource, VmSpec } from '../spec/spec.ts';

/** Rejects with a message for a person; ends when it is aborted, and when nothing comes any more. */
export type FetchImage = (source: ImageSource, signal?: AbortSignal) => Promise<Uint8Array>;

/** Rejects with ImageError when the images cannot be booted on this VM. */
export async function prepareBoot(spec: VmSpec, fetchImage: FetchImage, signal?: AbortSignal): Promise<BootImage> {
  const [kernel, initrd] = await Promise.all([
    fetchImage(spec.kernel, signal),
    spec.initrd && fetchImage(spec.initrd, signal),
  ]);
  return kernelBoot({
    kernel,
    kernelName: nameOf(spec.kernel),
    commandLine: spec.commandLine,
    modules: initrd && spec.initrd ? [{ bytes: initrd, commandLine: nameOf(spec.initrd) }] : [],
    memoryMiB: spec.memoryMiB,
  });
}

function nameOf(source: ImageSource): string {
  return source.kind === 'bytes' ? source.name : source.url;
}
