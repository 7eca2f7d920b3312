import { afterEach, describe, expect, it, vi } from 'vitest';
import { VirtualTime } from '../engine/base/testing/virtual-time.ts';
import { STALL_LIMIT_MS } from './fetch-bytes.ts';
import { createImageLoader } from './image-loader.ts';

const load = createImageLoader('https://site.example/app/index.html');

function serve(answer: Response | Error): void {
  vi.stubGlobal('fetch', async (url: URL) => {
    expect(url.href).toBe('https://site.example/app/guests/k');
    if (answer instanceof Error) throw answer;
    return answer;
  });
}

afterEach(() => vi.unstubAllGlobals());

describe('the image loader', () => {
  it('hands over bytes that a person chose', async () => {
    const bytes = Uint8Array.of(1);
    expect(await load({ kind: 'bytes', name: 'x', bytes })).toBe(bytes);
  });

  it('fetches relative to the page', async () => {
    serve(new Response(Uint8Array.of(1, 2)));
    expect(await load({ kind: 'url', url: 'guests/k' })).toEqual(Uint8Array.of(1, 2));
  });

  it.each([
    ['a missing file', new Response('', { status: 404 }), /missing.*npm run guests/],
    ['the page in its stead', new Response('<html>', { headers: { 'content-type': 'text/html' } }), /is missing/],
    ['a server error', new Response('', { status: 503 }), /HTTP 503/],
    ['no connection', new TypeError('offline'), /could not be fetched: offline/],
  ])('names %s', async (_case, answer, message) => {
    serve(answer);
    await expect(load({ kind: 'url', url: 'guests/k' })).rejects.toThrow(message);
  });

  it('gives up a server that never answers, or stops in the middle, and says which', async () => {
    const time = new VirtualTime();
    const hung = createImageLoader('https://site.example/app/index.html', time);
    const fetched = () => time.wait(hung({ kind: 'url', url: 'guests/k' }), STALL_LIMIT_MS);
    const untilAborted = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    vi.stubGlobal('fetch', (_url: URL, { signal }: { signal: AbortSignal }) => untilAborted(signal));
    const stalled = /The image guests\/k could not be fetched: the server has sent nothing/;
    await expect(fetched()).rejects.toThrow(stalled);
    vi.stubGlobal('fetch', async (_url: URL, { signal }: { signal: AbortSignal }) => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(Uint8Array.of(1));
          signal.addEventListener('abort', () => controller.error(signal.reason));
        },
      });
      return new Response(body);
    });
    await expect(fetched()).rejects.toThrow(stalled);
  });

  it('waits for a slow server as long as something comes', async () => {
    const time = new VirtualTime();
    const slow = createImageLoader('https://site.example/app/index.html', time);
    let sent = 0;
    vi.stubGlobal('fetch', async (_url: URL, { signal }: { signal: AbortSignal }) => {
      const body = new ReadableStream({
        start(controller) {
          signal.addEventListener('abort', () => sent <= 10 && controller.error(signal.reason));
        },
        async pull(controller) {
          await new Promise<void>((resolve) => time.after(STALL_LIMIT_MS - 1, resolve));
          sent += 1;
          if (sent > 10) controller.close();
          else if (!signal.aborted) controller.enqueue(Uint8Array.of(sent));
        },
      });
      return new Response(body);
    });
    expect(await time.wait(slow({ kind: 'url', url: 'guests/k' }))).toEqual(
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
    );
  });

  it('ends when whoever asked gives up', async () => {
    vi.stubGlobal(
      'fetch',
      (_url: URL, { signal }: { signal: AbortSignal }) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const stop = new AbortController();
    const loading = load({ kind: 'url', url: 'guests/k' }, stop.signal);
    stop.abort(new Error('not wanted any more'));
    await expect(loading).rejects.toThrow('not wanted any more');
  });

  it('does not leave the site', async () => {
    await expect(load({ kind: 'url', url: 'https://elsewhere.example/k' })).rejects.toThrow('not on this site');
  });
});
