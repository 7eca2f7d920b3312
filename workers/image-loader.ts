// Fetches guest images for a host: from the site's own origin, or bytes that a person chose.

import type { FetchImage } from '../engine/vmkernel/prepare-boot.ts';

/** `base`: the page's URL; image URLs are relative to it and may not leave its origin. */
export function createImageLoader(base: string): FetchImage {
  return async (source) => {
    if (source.kind === 'bytes') return source.bytes;
    const url = new URL(source.url, base);
    // The specification may have come from another host.
    if (url.origin !== new URL(base).origin) throw new Error(`The image ${source.url} is not on this site.`);
    const response = await fetch(url).catch((error: Error) => {
      throw new Error(`The image ${source.url} could not be fetched: ${error.message}.`);
    });
    // A development server answers with the page itself where there is no such file.
    const missing = response.status === 404 || response.headers.get('content-type')?.startsWith('text/html');
    if (missing) throw new Error(`The image ${source.url} is missing. Make the guest images with: npm run guests`);
    if (!response.ok) throw new Error(`The image ${source.url} could not be fetched (HTTP ${response.status}).`);
    return new Uint8Array(await response.arrayBuffer());
  };
}
