// A CD made on the spot of files that stay where they are: it is read from them while it is used.

import type { MediumSpec } from '../../engine/host/api.ts';
import { makeCd } from '../../engine/pc/images/make-cd/make-cd.ts';
import type { PickedFile } from './picked-file.ts';

const VOLUME = 'FILES';

/** Throws CdError, whose message is for the user, when they have no room on a CD. */
export function cdOfFiles(files: readonly PickedFile[], created: number): MediumSpec {
  const entries = files.map(({ path, file }) => ({ path, modified: file.lastModified, content: file as Blob }));
  const readBlob = async (content: Blob, offset: number, length: number) =>
    new Uint8Array(await content.slice(offset, offset + length).arrayBuffer());
  const { parts } = makeCd(entries, { volumeId: VOLUME, created }, readBlob);
  return { name: cdName(files), source: { kind: 'blob', blob: new Blob([...parts]) }, readOnly: true };
}

function cdName(files: readonly PickedFile[]): string {
  const tops = [...new Set(files.map(({ path }) => path.split('/')[0]))];
  return tops.length === 1 ? `CD of ${tops[0]}` : `CD of ${tops[0]} and ${tops.length - 1} more`;
}
