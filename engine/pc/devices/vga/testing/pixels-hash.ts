// A picture as a few letters.

import { createHash } from 'node:crypto';

/** `rgb`: three bytes a pixel, of which the highest `bits` bits each count. */
export function pixelsHash(rgb: Uint8Array, bits: number): string {
  return createHash('sha256')
    .update(rgb.map((value) => value >> (8 - bits)))
    .digest('hex')
    .slice(0, 16);
}
