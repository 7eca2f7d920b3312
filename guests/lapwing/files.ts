// The floppy image of Lapwing, as it is committed.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** 1,474,560 bytes: a bootable 1.44 MB floppy disk with FAT12. */
export function floppyImage(): Uint8Array {
  return new Uint8Array(gunzipSync(readFileSync(path('lapwing.img.gz'))));
}
