// What a file is, from its content; its name plays no part. Kinds are asked one after another, those with a signature that
// cannot be mistaken before those that are told by circumstances. A file of a kind that is known and damaged is named with what is
// wrong with it.

import { MAXIMUM_MEDIUM } from '../bus/block.ts';
import { cd } from './cd.ts';
import { disk, floppy } from './disk.ts';
import { diskFormat, diskFormatByTrailer } from './disk-formats.ts';
import { type ImageFile, ImageReader, UnreadableError } from './image-file.ts';
import { foreignKernel, linuxKernel, multibootKernel, windowsProgram } from './kernels.ts';
import { otherFile, unreadable } from './other-files.ts';
import { type PeekInto, packed } from './packed.ts';
import { blocking, type RecognizedImage } from './recognized.ts';
import { optionRom, systemRom } from './roms.ts';
import { sizeText } from './size-text.ts';

type Kind = (
  reader: ImageReader,
  peekInto?: PeekInto,
) => RecognizedImage | undefined | Promise<RecognizedImage | undefined>;

/**
 * An order of necessity: a CD may have a boot sector and a kernel's EFI stub looks like a Windows program; a ROM may end as a disk
 * does; a floppy disk is a small disk.
 */
const KINDS: readonly Kind[] = [
  packed,
  diskFormat,
  linuxKernel,
  cd,
  foreignKernel,
  windowsProgram,
  multibootKernel,
  optionRom,
  systemRom,
  diskFormatByTrailer,
  floppy,
  disk,
];

/**
 * Reads the beginning of the file, its end, and what these point to: at most 8 MiB. `peekInto` decompresses the beginning of a
 * compressed file, which tells an initial RAM disk from other things; without it that is not told. A file that cannot be
 * read is `unusable` and says so.
 */
export async function recognize(file: ImageFile, peekInto?: PeekInto): Promise<RecognizedImage> {
  try {
    const reader = await ImageReader.open(file);
    for (const kind of KINDS) {
      const found = await kind(reader, peekInto);
      if (found) return fitting(found, file.size);
    }
    return otherFile(reader);
  } catch (error) {
    if (error instanceof UnreadableError) return unreadable(error.message);
    throw error;
  }
}

/** What no drive takes makes no machine, whatever is on it. */
function fitting(found: RecognizedImage, size: number): RecognizedImage {
  if (size <= MAXIMUM_MEDIUM || found.proposal?.start !== 'drive') return found;
  const text = `It is larger than ${sizeText(MAXIMUM_MEDIUM)}, the most that a drive takes here.`;
  return { ...found, problems: [blocking(text)], proposal: undefined };
}
