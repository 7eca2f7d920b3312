// An image that was identified, as a medium for a drive.

import type { MediumSpec } from '../../engine/host/api.ts';
import type { IdentifiedImage } from './identify.ts';
import type { RecognizedImage } from './recognize-image.ts';

/** What the engine takes as a medium's name at most. */
const NAME_LIMIT = 255;

/** @param padTo bytes: a file that is shorter than a medium of its kind is followed by zeros */
export function imageMedium({ name, contents }: Pick<IdentifiedImage, 'name' | 'contents'>, padTo = 0): MediumSpec {
  const missing = Math.max(0, padTo - contents.size);
  const blob = missing > 0 ? new Blob([contents, new Uint8Array(missing)]) : contents;
  return { name: name.slice(0, NAME_LIMIT), source: { kind: 'blob', blob } };
}

/** How much has to follow the file so that it is a medium of its kind, as `padTo`. */
export function paddedSize({ proposal }: RecognizedImage): number | undefined {
  for (const { medium } of proposal?.drives ?? []) if (medium.kind === 'image') return medium.padTo;
  return undefined;
}
