// Makes Lapwing's floppy image from its sources with gcc, as and ld for i386. The same sources and the same tools give the same bytes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Files, fat12Floppy } from './fat12.ts';
import { path } from './files.ts';

/** What an image was made from and with. */
export interface BuildRecord {
  compiler: string;
  linker: string;
  /** SHA-256 of the sources and of what puts the image together. */
  sources: string;
  /** SHA-256 of the image. */
  image: string;
}

const COMMON = ['-m32', '-nostdlib', '-static', '-fno-pie', '-no-pie', '-Wl,--build-id=none', '-Wl,--oformat=binary'];
const KERNEL = [
  ...['-march=i586', '-O2', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-mgeneral-regs-only'],
  ...[
    '-fno-stack-protector',
    '-fcf-protection=none',
    '-fno-asynchronous-unwind-tables',
    '-fno-tree-loop-distribute-patterns',
  ],
  ...['-Wl,-z,noexecstack', '-Wl,--no-warn-rwx-segments', '-Wl,-T,link.ld'],
];

const kernelFiles = () => readdirSync(path('kernel')).sort();

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function sourceHash(): string {
  const hash = createHash('sha256');
  const names = [
    'boot.S',
    'README.TXT',
    '../../LICENSE',
    'fat12.ts',
    'make.ts',
    ...kernelFiles().map((name) => `kernel/${name}`),
  ];
  for (const name of names) hash.update(name).update(readFileSync(path(name)));
  return hash.digest('hex');
}

/** First lines of what compiler and linker say of their version; undefined when one is missing or cannot make i386 code. */
export function tools(): { compiler: string; linker: string } | undefined {
  try {
    const version = (tool: string) => execFileSync(tool, ['--version'], { encoding: 'utf8' }).split('\n')[0];
    const found = { compiler: version('gcc'), linker: version('ld') };
    inTemporaryFolder(compileBootSector);
    return found;
  } catch {
    return undefined;
  }
}

/** Throws what gcc says when it fails. */
export function makeImage(): Uint8Array {
  return inTemporaryFolder((folder) => {
    const kernel = join(folder, 'kernel');
    const sources = kernelFiles().filter((name) => /\.[cS]$/.test(name));
    execFileSync('gcc', [...COMMON, ...KERNEL, '-o', kernel, ...sources], { cwd: path('kernel'), stdio: 'pipe' });
    const src: Files = { 'BOOT.S': text('boot.S') };
    for (const name of kernelFiles()) src[name.toUpperCase()] = text(`kernel/${name}`);
    return fat12Floppy(compileBootSector(folder), 'LAPWING', {
      'LAPWING.SYS': new Uint8Array(readFileSync(kernel)),
      'README.TXT': text('README.TXT'),
      'LICENSE.TXT': text('../../LICENSE'),
      SRC: src,
    });
  });
}

function compileBootSector(folder: string): Uint8Array {
  const boot = join(folder, 'boot');
  execFileSync('gcc', [...COMMON, '-Wl,-Ttext=0x7c00', '-o', boot, 'boot.S'], { cwd: path('.'), stdio: 'pipe' });
  return new Uint8Array(readFileSync(boot));
}

function inTemporaryFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'lapwing-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A text as DOS has it: lines end with CR LF, and what is not ASCII becomes a question mark. */
function text(name: string): Uint8Array {
  const content = readFileSync(path(name), 'utf8').replaceAll('\n', '\r\n');
  return new TextEncoder().encode(content.replaceAll(/[^\0-\x7f]/gu, '?'));
}
