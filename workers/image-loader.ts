// Fetches guest images for a host: from the site's own origin, or bytes that the user chose.

import type { Timebase } from '../engine/base/timebase.ts';
import type { FetchImage } from '../engine/vmkernel/vm/prepare-boot.ts';
import { fetchBytes } from './fetch-bytes.ts';

class ImageAnswerError extends Error {
  override name = 'ImageAnswerError';
}

/** `base`: the page's URL; image URLs are relative to it and may not leave its origin. */
export function createImageLoader(base: string, timebase?: Timebase): FetchImage {
  return async (source, signal) => {
    if (source.kind === 'bytes') return source.bytes;
    const url = new URL(source.url, base);
    // The specification may have come from another host.
    if (url.origin !== new URL(base).origin) throw new Error(`The image ${source.url} is not on this site.`);
    const check = (response: Response) => {
      // A development server answers with the page itself where there is no such file.
      const missing = response.status === 404 || response.headers.get('content-type')?.startsWith('text/html');
      if (missing) {
        throw new ImageAnswerError(`The image ${source.url} is missing. Make the guest images with: npm run guests`);
      }
      if (!response.ok) {
        throw new ImageAnswerError(`The image ${source.url} could not be fetched (HTTP ${response.status}).`);
      }
    };
    try {
      return await fetchBytes(url, { check, signal, timebase });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ImageAnswerError) throw error;
      const reason = (error as Error).message;
      throw new Error(`The image ${source.url} could not be fetched: ${reason}${reason.endsWith('.') ? '' : '.'}`);
    }
  };
}
