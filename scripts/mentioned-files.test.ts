// Every file and folder of this repository that a page or a comment names is there. A file may be named by the end of its path
// ("vm/panic-watch.ts") and with wildcards ("engine/cpu/testing/*.test.ts"); a folder by its path, or in a page and in
// backticks by the end of it. Files of other projects have other endings, or stand in EXAMPLES.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Made, fetched, or not ours. */
const IGNORED = new Set(['node_modules', 'dist', 'build', 'test-results', 'playwright-report', '.git', '.cache']);
const SOURCE = /\.(tsx?|cjs|mjs)$/;
const FILE = /(?<![\w@/.<>$:-])(?:[\w.*-]+\/)*[\w.*-]+\.(?:tsx?|cjs|mjs|md)\b(?![\w(])/g;
const QUOTED_FOLDER = /`((?:[\w-]+\/)+[\w-]*)`/g;
/** From the root on; a file without its ending counts, as the argument of a test runner. */
const FOLDER =
  /(?<![\w@/.`-])(?:engine|workers|src|cli|e2e|bench|guests|scripts|conformance|vectors)(?:\/[\w-]+)+(?![\w/*-]|\.\w)/g;
const LINK = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g;
const COMMENT = /(?<![:'"`\w])\/\/(?!\/)(.*)|^\s*\/?\*+(.*)/;
/** Names that stand for any such file. */
const EXAMPLES = /^(x|X|NNN-title)\./;

const files = listFiles('');
const paths = new Set(files.flatMap((file) => [file, ...foldersOf(file)]));
const pages = files.filter((file) => file.endsWith('.md'));
const sources = files.filter((file) => SOURCE.test(file));

test('pages name files and folders that are there', () => {
  const missing = pages.flatMap((page) => {
    const text = read(page);
    const folders = [...text.matchAll(QUOTED_FOLDER)].map(([, name]) => name.replace(/\/$/, '')).filter(isOurs);
    return [...namesIn(text), ...folders].filter((name) => !exists(name)).map((name) => `${page}: ${name}`);
  });
  expect(missing).toEqual([]);
});

test('links lead to what is there', () => {
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(LINK)]
      .map(([, target]) => target)
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(ROOT, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('comments name files and folders that are there', () => {
  const missing = sources.flatMap((source) =>
    read(source)
      .split('\n')
      .flatMap((line, n) => namesIn(commentOf(line)).map((name) => ({ name, place: `${source}:${n + 1}` })))
      .filter(({ name }) => !exists(name))
      .map(({ name, place }) => `${place}: ${name}`),
  );
  expect(missing).toEqual([]);
});

function namesIn(text: string): string[] {
  const names = [...text.matchAll(FILE), ...text.matchAll(FOLDER)].map(([name]) => name);
  return names.filter((name) => !EXAMPLES.test(name));
}

function commentOf(line: string): string {
  const [, afterSlashes = '', afterStar = ''] = COMMENT.exec(line) ?? [];
  return afterSlashes + afterStar;
}

/** Whether a folder's name begins like one of the repository, so that it is meant to be there. */
function isOurs(folder: string): boolean {
  return exists(folder.split('/')[0]);
}

/** Whether a path of the repository ends like this, or a file is called so but for its ending. */
function exists(name: string): boolean {
  if (paths.has(name) || files.some((file) => file.startsWith(`${name}.`))) return true;
  const pattern = name
    .replace(/^(\.{1,2}\/)+/, '')
    .replaceAll(/[.+]/g, String.raw`\$&`)
    .replaceAll('**', '\0')
    .replaceAll('*', '[^/]*')
    .replaceAll('\0/', '(.*/)?');
  const ends = new RegExp(`(^|/)${pattern}$`);
  return [...paths].some((path) => ends.test(path));
}

function listFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => !IGNORED.has(entry.name) && !entry.isSymbolicLink())
    .map((entry) => ({ path: folder === '' ? entry.name : `${folder}/${entry.name}`, isFolder: entry.isDirectory() }))
    .flatMap(({ path, isFolder }) => (isFolder ? listFiles(path) : [path]));
}

function foldersOf(file: string): string[] {
  const steps = file.split('/').slice(0, -1);
  return steps.map((_, n) => steps.slice(0, n + 1).join('/'));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
