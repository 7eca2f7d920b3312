// What a worker is started from stands in the room of who starts it: `npm run layers` sees imports, and no addresses of files.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ENTRY = /new (?:Shared)?Worker\(\s*new URL\(\s*'([^']+)'/g;

const started = ['engine', 'workers', 'src', 'cli'].flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(tsx?|mjs)$/.test(name))
    .map((name) => join(room, name))
    .flatMap((file) =>
      [...readFileSync(join(ROOT, file), 'utf8').matchAll(ENTRY)].map(([, entry]) => ({ file, entry })),
    ),
);

test('workers are started in the room that they stand in', () => {
  expect(started.map(({ entry }) => entry)).toContain('./vcpu.worker.ts');
  const foreign = started.filter(({ file, entry }) => dirname(join(file, '..', entry)) !== dirname(file));
  expect(foreign).toEqual([]);
});
