import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askedFor, copyPublic, serveFile } from './site-guests.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'site-guests-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = { size: 3, sha256: '' };
const MANIFEST = {
  recipe: 'r',
  firmware: { name: 'SeaBIOS', files: { 'firmware/bios.bin': file } },
  guests: [
    { name: 'linux', files: { 'linux/vmlinuz': file } },
    { name: 'debian-disk', recipe: 'd', files: { 'debian-disk/disk.img': file } },
    { name: 'memtest', recipe: 'm', files: { 'memtest/memtest.iso': file } },
  ],
};

function put(name: string, text = 'abc'): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

describe('the built site', () => {
  beforeEach(() => {
    for (const name of ['isolate.js', 'icons/icon.svg', 'guests/half.part/disk.img']) put(join('public', name));
    for (const { files } of [MANIFEST.firmware, ...MANIFEST.guests])
      for (const name of Object.keys(files)) put(join('public/guests', name));
    put('public/guests/manifest.json', JSON.stringify(MANIFEST));
  });

  const copied = (...names: string[]) => {
    const [from, to] = ['public', 'dist'].map((name) => join(folder, name));
    mkdirSync(to, { recursive: true });
    copyPublic(from, to, names);
    const entries = readdirSync(to, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const { guests } = JSON.parse(readFileSync(join(to, 'guests/manifest.json'), 'utf8'));
    return {
      files: entries.map((entry) => join(entry.parentPath, entry.name).slice(to.length + 1)).sort(),
      guests: guests.map(({ name }: { name: string }) => name),
    };
  };
  const ALWAYS = [
    'guests/firmware/bios.bin',
    'guests/linux/vmlinuz',
    'guests/manifest.json',
    'icons/icon.svg',
    'isolate.js',
  ];

  it('has the guests of every set-up, and lists no others', () => {
    expect(copied()).toEqual({ files: ALWAYS, guests: ['linux'] });
  });

  it('has those made on demand that are asked for', () => {
    expect(copied('memtest')).toEqual({
      files: [...ALWAYS, 'guests/memtest/memtest.iso'].sort(),
      guests: ['linux', 'memtest'],
    });
    expect(askedFor(' memtest, debian-disk,')).toEqual(['memtest', 'debian-disk']);
    expect(askedFor()).toEqual([]);
  });

  it('is not built with one that has not been made', () => {
    expect(() => copied('ipxe')).toThrow('There is no guest "ipxe": make it with "npm run guests -- ipxe".');
  });

  it('is built without guests where there are none', () => {
    rmSync(join(folder, 'public/guests'), { recursive: true });
    copyPublic(join(folder, 'public'), join(folder, 'dist'), []);
    expect(readdirSync(join(folder, 'dist')).sort()).toEqual(['icons', 'isolate.js']);
  });
});

describe('a preview', () => {
  let server: Server;
  let origin: string;
  beforeEach(async () => {
    put('guests/disk.img', '0123456789');
    put('secret');
    server = createServer((request, response) => {
      if (!serveFile(join(folder, 'guests'), request, response, { 'X-Own': 'yes' })) response.writeHead(404).end();
    });
    await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => void server.close());

  const get = async (path: string, range?: string) => {
    const response = await fetch(`${origin}/${path}`, range ? { headers: { Range: range } } : {});
    return [response.status, await response.text(), response.headers.get('Content-Range')];
  };

  it('serves files whole, and by ranges of bytes', async () => {
    expect(await get('disk.img')).toEqual([200, '0123456789', null]);
    expect(await get('disk.img', 'bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
    expect(await get('disk.img', 'bytes=7-')).toEqual([206, '789', 'bytes 7-9/10']);
    expect(await get('disk.img', 'bytes=8-99')).toEqual([206, '89', 'bytes 8-9/10']);
    expect(await get('disk.img', 'bytes=10-12')).toEqual([416, '', 'bytes */10']);
    expect((await fetch(`${origin}/disk.img`)).headers.get('X-Own')).toBe('yes');
  });

  it('serves nothing else', async () => {
    expect((await get('none'))[0]).toBe(404);
    expect((await get('%2e%2e/secret'))[0]).toBe(404);
    expect((await get('..%2fsecret'))[0]).toBe(404);
    expect((await get('%00'))[0]).toBe(404);
    expect((await get('%zz'))[0]).toBe(404);
  });
});
