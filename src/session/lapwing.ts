// Lapwing, the system that comes with the site: its floppy disk, fetched when it is wanted.
import type { MediumSpec } from '../../engine/host/api.ts';
import { fetchBytes } from '../../workers/fetch-bytes.ts';

export const LAPWING = { name: 'lapwing', os: 'Lapwing 1.0, from a floppy disk', memoryMiB: 32 };

const GZIP_MAGIC = [0x1f, 0x8b];

/** Rejects with an Error for the user. */
export async function loadLapwing(): Promise<MediumSpec> {
  const url = new URL('../../guests/lapwing/lapwing.img.gz', import.meta.url);
  const check = (response: Response) => {
    if (!response.ok) throw new Error(`Lapwing’s floppy disk could not be fetched (HTTP ${response.status}).`);
  };
  const fetched = await fetchBytes(url, { check });
  // Some servers say of a .gz that it is compressed in transit: then the browser has unpacked it already.
  const packed = GZIP_MAGIC.every((byte, n) => fetched[n] === byte);
  return { name: 'lapwing.img', source: { kind: 'bytes', bytes: packed ? await gunzip(fetched) : fetched } };
}

async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
