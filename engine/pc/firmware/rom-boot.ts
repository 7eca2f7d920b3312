// A firmware image in place of a kernel: it becomes the machine's ROM and the CPU starts at the reset vector. QEMU's rule
// for -bios: any multiple of 64 KiB; all of it ends at 4 GiB, its last 128 KiB end at 1 MiB too.
import type { BootImage } from './boot-image.ts';
import { ImageError } from './image-error.ts';

const UNIT = 64 * 1024;
export const MAXIMUM_ROM_KIB = 16 * 1024;

export const MAXIMUM_OPTION_ROM_KIB = 1024;

interface OptionRomImage {
  /** Of the cards that have it. */
  model: string;
  image: Uint8Array;
  sizeKiB: number;
}

/** Throws ImageError for a size that no ROM of a PC has. */
export function romBoot(file: Uint8Array, roms: readonly OptionRomImage[] = []): BootImage {
  if (file.length === 0 || file.length % UNIT !== 0 || file.length > MAXIMUM_ROM_KIB * 1024) {
    throw new ImageError(`A BIOS image is a multiple of 64 KiB, up to 16 MiB; this file has ${file.length} bytes.`);
  }
  return { segments: [], rom: file, optionRoms: roms.map(padded) };
}

function padded({ model, image, sizeKiB }: OptionRomImage): Uint8Array {
  const size = sizeKiB * 1024;
  if (image.length === 0 || image.length > size)
    throw new ImageError(`The option ROM for ${model} has ${image.length} bytes; it may have up to ${size}.`);
  const rom = new Uint8Array(size);
  rom.set(image);
  return rom;
}
