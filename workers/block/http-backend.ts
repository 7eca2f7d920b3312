// A file of the site, read by HTTP ranges (RFC 9110, §14) as the guest needs it; fetched whole where the server has no ranges.
//
// That the file is the same as at the beginning is seen by its length and validator (ETag, or Last-Modified) in each answer.

import { type BlockBackend, MediumError } from '../../engine/vmkernel/block/block-backend.ts';
import { BytesBackend } from '../../engine/vmkernel/block/memory-backends.ts';
import { ReadCache } from '../../engine/vmkernel/block/read-cache.ts';

const MIB = 1024 * 1024;
/** Fetched at a time. */
const CHUNK_BYTES = 256 * 1024;
const CACHE_BYTES = 64 * MIB;
/** A larger file is refused if the server has no ranges. */
export const WHOLE_LIMIT = 256 * MIB;

/** As workers/fetch-bytes.ts: whole, with a limit in bytes, refused by `check`, ended when the server sends nothing any more. */
export type FetchBytes = (
  url: URL,
  options: { init: RequestInit; limit: number; check(response: Response): void },
) => Promise<Uint8Array<ArrayBuffer>>;

/** What identifies a version of the file. */
interface Version {
  size: number;
  validator: string;
}

/** `base`: the page's URL; `url` is relative to it and may not leave its origin. Rejects with an Error for the user. */
export async function openUrl(url: string, base: string, fetchBytes: FetchBytes): Promise<BlockBackend> {
  const whole = new URL(url, base);
  if (whole.origin !== new URL(base).origin) throw new Error(`The disk image ${url} is not on this site.`);
  try {
    return await openAt(whole, fetchBytes);
  } catch (error) {
    const reason = (error as Error).message.replace(/\.$/, '');
    throw new Error(`The disk image ${url} cannot be opened: ${reason}.`);
  }
}

async function openAt(url: URL, fetchBytes: FetchBytes): Promise<BlockBackend> {
  let version: Version | undefined;
  const bytes = await fetchRange(url, 0, CHUNK_BYTES, fetchBytes, (response) => {
    refuseMissing(response);
    if (response.status === 416) throw new Error('it is empty');
    if (response.status === 206) version = versionOf(response);
    if (!version) refuseLarge(response);
  });
  if (!version) return new BytesBackend(bytes);
  const known = version;
  const first = bytes.length === Math.min(CHUNK_BYTES, known.size) ? bytes : undefined;
  return new ReadCache(known.size, {
    chunkBytes: CHUNK_BYTES,
    limitBytes: CACHE_BYTES,
    fetch: async (start, end) => (start === 0 && first) || fetchAgain(url, start, end, known, fetchBytes),
  });
}

/** Once more if it fails for a reason that may pass. */
async function fetchAgain(url: URL, start: number, end: number, version: Version, fetchBytes: FetchBytes) {
  try {
    return await fetchPart(url, start, end, version, fetchBytes);
  } catch (error) {
    if (error instanceof MediumError && error.failure === 'gone') throw error;
    return fetchPart(url, start, end, version, fetchBytes);
  }
}

async function fetchPart(url: URL, start: number, end: number, version: Version, fetchBytes: FetchBytes) {
  try {
    const bytes = await fetchRange(url, start, end, fetchBytes, (response) => checkSame(response, version));
    if (bytes.length === end - start) return bytes;
  } catch (error) {
    if (error instanceof MediumError) throw error;
    throw new MediumError('failed', `the server does not give it (${(error as Error).message})`);
  }
  throw new MediumError('failed', 'the server has sent another part than was asked for');
}

function fetchRange(
  url: URL,
  start: number,
  end: number,
  fetchBytes: FetchBytes,
  check: (response: Response) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  // What is kept is kept here; a browser's cache would not notice a change on the server.
  const init: RequestInit = { headers: { range: `bytes=${start}-${end - 1}` }, cache: 'no-store' };
  return fetchBytes(url, { init, check, limit: WHOLE_LIMIT });
}

function refuseMissing(response: Response): void {
  // A development server answers with the page itself where there is no such file.
  const missing = response.status === 404 || response.headers.get('content-type')?.startsWith('text/html');
  if (missing) throw new Error('the server has no such file');
  if (!response.ok && response.status !== 416) throw new Error(`the server answers HTTP ${response.status}`);
}

function refuseLarge(response: Response): void {
  if (Number(response.headers.get('content-length') ?? 0) <= WHOLE_LIMIT) return;
  throw new Error(`the server has no ranges, and without them at most ${WHOLE_LIMIT / MIB} MiB are fetched`);
}

/** Undefined if the answer does not say enough to read by ranges. */
function versionOf({ headers }: Response): Version | undefined {
  const size = Number(/^bytes \d+-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1]);
  // Ranges of what was compressed on the way are no ranges of the file.
  if (!Number.isSafeInteger(size) || headers.has('content-encoding')) return undefined;
  return { size, validator: headers.get('etag') ?? headers.get('last-modified') ?? '' };
}

function checkSame(response: Response, { size, validator }: Version): void {
  const { status } = response;
  if (status === 404 || status === 410) throw new MediumError('gone', 'the server has the file no more');
  if (status >= 500 || status === 429) throw new MediumError('failed', `the server answers HTTP ${status}`);
  const now = status === 206 ? versionOf(response) : undefined;
  if (now?.size === size && now.validator === validator) return;
  throw new MediumError('gone', 'the file on the server was changed');
}
