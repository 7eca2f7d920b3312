// The way a PC boots: SeaBIOS, a boot loader on a floppy or a hard disk, the system, to its prompt on the serial line.
import type { Engine } from '../engines/engine.ts';
import type { GuestImage } from '../images/guest-image.ts';
import { diskGuest, floppyGuest, PROMPT } from '../images/images.ts';
import type { Results } from './results.ts';

export const FIRMWARE_SUITE = 'firmware';
export const FROM_FLOPPY = 'floppy disk, Lapwing to its prompt';
export const FROM_DISK = 'hard disk, Linux to its prompt';
const BOOT_LIMIT_MS = 240_000;

interface FirmwareBoot {
  name: string;
  image(): GuestImage;
  prompt: string;
}

export const FIRMWARE_BOOTS: readonly FirmwareBoot[] = [
  { name: FROM_FLOPPY, image: floppyGuest, prompt: 'lapwing> ' },
  { name: FROM_DISK, image: diskGuest, prompt: PROMPT },
];

/** One round of one. */
export async function bootByFirmware(
  engine: Engine,
  { name, image, prompt }: FirmwareBoot,
  results: Results,
): Promise<void> {
  const guest = await engine.start(image());
  try {
    const { at } = await guest.waitFor(prompt, BOOT_LIMIT_MS);
    results.add(FIRMWARE_SUITE, name, 's', engine.name, at / 1000);
  } finally {
    await guest.stop();
  }
}
