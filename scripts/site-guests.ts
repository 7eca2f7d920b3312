// Which guest images the built site has: those of every set-up, and of those made on demand the ones that are asked for
// ($SITE_GUESTS, names with commas between), since one may be a whole disk. A preview of the site, which is what `npm start` shows, serves
// all that there are from where they were made.
import { cpSync, createReadStream, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { dirname, join, normalize, sep } from 'node:path';
import type { Plugin } from 'vite';
import { type Manifest, readManifest } from '../guests/manifest.ts';

const GUESTS = 'guests';

/** Of $SITE_GUESTS. */
export function askedFor(list = ''): string[] {
  return list.split(',').flatMap((name) => name.trim() || []);
}

/** Copies public/ into the site instead of Vite. The build fails, naming it, if one of `names` has not been made. */
export function siteGuests(names: readonly string[]): Plugin {
  let folders = { from: '', to: '' };
  let headers: OutgoingHttpHeaders = {};
  return {
    name: 'site-guests',
    config: () => ({ build: { copyPublicDir: false } }),
    configResolved({ publicDir, root, build, preview }) {
      folders = { from: publicDir, to: join(root, build.outDir) };
      headers = preview.headers;
    },
    writeBundle() {
      copyPublic(folders.from, folders.to, names);
    },
    configurePreviewServer({ middlewares }) {
      middlewares.use(`/${GUESTS}`, (request, response, next) => {
        if (!serveFile(join(folders.from, GUESTS), request, response, headers)) next();
      });
    },
  };
}

/** Throws an Error that says which of `names` has not been made. */
export function copyPublic(from: string, to: string, names: readonly string[]): void {
  for (const entry of readdirSync(from))
    if (entry !== GUESTS) cpSync(join(from, entry), join(to, entry), { recursive: true });
  const manifest = siteManifest(readManifest(join(from, GUESTS)), names);
  if (!manifest) return;
  for (const { files } of [manifest.firmware, ...manifest.guests]) {
    for (const file of Object.keys(files)) {
      const copy = join(to, GUESTS, file);
      mkdirSync(dirname(copy), { recursive: true });
      cpSync(join(from, GUESTS, file), copy);
    }
  }
  writeFileSync(join(to, GUESTS, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** What the site's catalogue has: `names` of the guests made on demand, and all others. */
function siteManifest(manifest: Manifest | undefined, names: readonly string[]): Manifest | undefined {
  const missing = names.find((name) => !manifest?.guests.some((guest) => guest.name === name));
  if (missing !== undefined)
    throw new Error(`There is no guest "${missing}": make it with "npm run guests -- ${missing}".`);
  if (!manifest) return undefined;
  return {
    ...manifest,
    guests: manifest.guests.filter(({ name, recipe }) => recipe === undefined || names.includes(name)),
  };
}

/** Whole, or the one range of bytes that was asked for. False: there is no such file. */
export function serveFile(
  folder: string,
  { url = '', headers: asked }: Pick<IncomingMessage, 'url' | 'headers'>,
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
): boolean {
  const file = fileOf(folder, url);
  if (file === undefined) return false;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return false;
  const { size, mtime } = stat;
  const range = /^bytes=(\d+)-(\d*)$/.exec(asked.range ?? '');
  const [start, end] = range ? [Number(range[1]), Math.min(Number(range[2] || size), size - 1)] : [0, size - 1];
  const shared = {
    ...headers,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-cache',
    'Last-Modified': mtime.toUTCString(),
  };
  if (range && start > end) {
    response.writeHead(416, { ...shared, 'Content-Range': `bytes */${size}` }).end();
    return true;
  }
  const part = range && { 'Content-Range': `bytes ${start}-${end}/${size}` };
  response.writeHead(range ? 206 : 200, {
    ...shared,
    ...part,
    'Content-Type': file.endsWith('.json') ? 'application/json' : 'application/octet-stream',
    'Content-Length': end - start + 1,
  });
  if (size === 0) response.end();
  else
    createReadStream(file, { start, end })
      .on('error', () => response.destroy())
      .pipe(response);
  return true;
}

/** Undefined if it lies elsewhere or the URL is none. */
function fileOf(folder: string, url: string): string | undefined {
  try {
    const file = join(folder, normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname)));
    return file.startsWith(join(folder, sep)) && !file.includes('\0') ? file : undefined;
  } catch {
    return undefined;
  }
}
