import { afterEach, describe, expect, it, vi } from 'vitest';
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

  it('does not leave the site', async () => {
    await expect(load({ kind: 'url', url: 'https://elsewhere.example/k' })).rejects.toThrow('not on this site');
  });
});
