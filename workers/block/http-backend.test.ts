import { beforeEach, describe, expect, it } from 'vitest';
import type { MediumError } from '../../engine/vmkernel/block/block-backend.ts';
import { type FetchBytes, openUrl, WHOLE_LIMIT } from './http-backend.ts';

const BASE = 'https://site.example/app/';
const CHUNK = 256 * 1024;
const FILE = Uint8Array.from({ length: 6 * CHUNK + 1000 }, (_, i) => (i >> 10) & 0xff);

interface Server {
  file: Uint8Array<ArrayBuffer>;
  etag: string;
  ranges: boolean;
  /** Answered instead, once each. */
  answers: (Response | Error)[];
  /** The ranges that were asked for. */
  asked: string[];
}

let server: Server;
beforeEach(() => {
  server = { file: FILE, etag: '"1"', ranges: true, answers: [], asked: [] };
});

const status = (code: number, headers: Record<string, string> = {}) => new Response(null, { status: code, headers });

/** As workers/fetch-bytes.ts, of this server. */
const fetchBytes: FetchBytes = async (url, { init, check, limit }) => {
  expect(url.href).toBe('https://site.example/app/images/disk.img');
  const response = answer(new Headers(init.headers).get('range') ?? '');
  check(response);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > limit) throw new Error('too large');
  return bytes;
};

function answer(range: string): Response {
  server.asked.push(range);
  const other = server.answers.shift();
  if (other instanceof Error) throw other;
  if (other) return other;
  const { file, etag, ranges } = server;
  if (!ranges) return new Response(file, { headers: { etag } });
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  if (Number(first) >= file.length) return status(416, { 'content-range': `bytes */${file.length}` });
  const end = Math.min(Number(last) + 1, file.length);
  const headers = { etag, 'content-range': `bytes ${first}-${end - 1}/${file.length}` };
  return new Response(file.slice(Number(first), end), { status: 206, headers });
}

const open = () => openUrl('images/disk.img', BASE, fetchBytes);

async function read(offset: number, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  await (await open()).read(offset, into);
  return into;
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    ({ failure, message }: MediumError) => `${failure}: ${message}`,
  );

describe('a file of the site', () => {
  it('is read by ranges, each chunk once, and ahead of a reader who goes on', async () => {
    const backend = await open();
    expect([backend.size, backend.readOnly]).toEqual([FILE.length, true]);
    const into = new Uint8Array(1000);
    await backend.read(500, into);
    expect(Buffer.compare(into, FILE.subarray(500, 1500))).toBe(0);
    expect(server.asked).toEqual([`bytes=0-${CHUNK - 1}`]);
    await backend.read(CHUNK - 500, into);
    expect(Buffer.compare(into, FILE.subarray(CHUNK - 500, CHUNK + 500))).toBe(0);
    expect(server.asked.slice(1)).toEqual([`bytes=${CHUNK}-${2 * CHUNK - 1}`, `bytes=${2 * CHUNK}-${6 * CHUNK - 1}`]);
    await backend.read(2 * CHUNK, into);
    await backend.read(5 * CHUNK, into);
    expect(new Set(server.asked).size).toBe(server.asked.length);
    const tail = new Uint8Array(1024).fill(9);
    await backend.read(6 * CHUNK, tail);
    expect(Buffer.compare(tail.subarray(0, 1000), FILE.subarray(6 * CHUNK))).toBe(0);
    expect(tail.subarray(1000).every((byte) => byte === 0)).toBe(true);
  });

  it('is fetched whole from a server without ranges, if it is not too large', async () => {
    server.ranges = false;
    expect(Buffer.compare(await read(CHUNK, 1000), FILE.subarray(CHUNK, CHUNK + 1000))).toBe(0);
    expect(server.asked).toHaveLength(1);
    server.answers = [status(200, { 'content-length': String(WHOLE_LIMIT + 1) })];
    await expect(open()).rejects.toThrow(
      'cannot be opened: the server has no ranges, and without them at most 256 MiB',
    );
  });

  it.each([
    [status(404), 'The disk image images/disk.img cannot be opened: the server has no such file.'],
    [status(200, { 'content-type': 'text/html' }), 'the server has no such file'],
    [status(403), 'the server answers HTTP 403'],
    [status(416), 'it is empty'],
    [new Error('the server has sent nothing for 20 seconds.'), 'the server has sent nothing for 20 seconds.'],
  ])('is refused when the answer is %o', async (response, reason) => {
    server.answers = [response];
    await expect(open()).rejects.toThrow(reason);
  });

  it('is one of the same origin', async () => {
    await expect(openUrl('https://other.example/x', BASE, fetchBytes)).rejects.toThrow('is not on this site');
  });

  it.each<[string, () => void, string]>([
    ['was changed', () => Object.assign(server, { etag: '"2"' }), 'gone: the file on the server was changed'],
    [
      'has another length',
      () => Object.assign(server, { file: FILE.slice(1) }),
      'gone: the file on the server was changed',
    ],
    [
      'has become short',
      () => Object.assign(server, { file: FILE.slice(0, 9) }),
      'gone: the file on the server was changed',
    ],
    ['has vanished', () => server.answers.push(status(404)), 'gone: the server has the file no more'],
    [
      'comes whole of a sudden',
      () => Object.assign(server, { ranges: false }),
      'gone: the file on the server was changed',
    ],
    [
      'is not given twice',
      () => server.answers.push(status(503), new Error('down')),
      'failed: the server does not give it (down)',
    ],
  ])('that %s while it is used gives that error', async (_, change, failure) => {
    const backend = await open();
    change();
    expect(await failureOf(backend.read(3 * CHUNK, new Uint8Array(512)))).toBe(failure);
    expect(await failureOf(backend.read(0, new Uint8Array(512)))).toBeUndefined();
  });

  it('is asked for once more when a server fails for a moment, and again by the next reader', async () => {
    const backend = await open();
    server.answers = [status(503)];
    expect(await failureOf(backend.read(3 * CHUNK, new Uint8Array(512)))).toBeUndefined();
    server.answers = [status(503), status(503)];
    expect(await failureOf(backend.read(5 * CHUNK, new Uint8Array(512)))).toBe('failed: the server answers HTTP 503');
    expect(await failureOf(backend.read(5 * CHUNK, new Uint8Array(512)))).toBeUndefined();
  });
});
