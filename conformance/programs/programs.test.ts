// Programs in a Linux guest do what they do on a processor: the kernel of the guest image boots once, with the programs as its
// whole initramfs. Nothing waits on the clock: the guest switches itself off when they have run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../cli/options.ts';
import { run } from '../../cli/runner.ts';
import { writeCpio } from '../../guests/packages/cpio.ts';
import { ensureEngine } from '../../scripts/build-engine.ts';
import { PROGRAMS, path, START, sourceHash } from './files.ts';

const KERNEL = fileURLToPath(new URL('../../public/guests/linux/vmlinuz', import.meta.url));

const binary = (name: string): Uint8Array => new Uint8Array(readFileSync(path(`bin/${name}`)));

function hasKernel(): boolean {
  try {
    return readFileSync(KERNEL).length > 0;
  } catch {
    return false;
  }
}

function initramfs(): Uint8Array {
  return writeCpio([
    { kind: 'directory', path: 'dev', mode: 0o755 },
    { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    ...[START, ...PROGRAMS].map((name) => ({ kind: 'file' as const, path: name, mode: 0o755, data: binary(name) })),
  ]);
}

/** All that the guest prints until it is off. */
async function boot(folder: string): Promise<string> {
  const initrd = join(folder, 'programs.cpio');
  writeFileSync(initrd, initramfs());
  const append = `console=ttyS0 quiet rdinit=/${START}`;
  const parsed = parseCommandLine(['-m', '64', '-kernel', KERNEL, '-initrd', initrd, '-append', append, '-nographic']);
  if (parsed.kind === 'help') throw new Error('no options');
  const output: Buffer[] = [];
  const runner = await run(parsed.options, {
    print: (bytes) => output.push(Buffer.from(bytes)),
    // What features.c tries is reported to the runner's user.
    tell: () => {},
  });
  await runner.finished;
  return Buffer.concat(output).toString('latin1').replaceAll('\r', '');
}

it.each([START, ...PROGRAMS])('%s is built from its present source', (name) => {
  expect(Buffer.from(binary(name)).includes(`source-sha256:${sourceHash(name)}`)).toBe(true);
});

describe.runIf(hasKernel())('in a Linux guest', () => {
  let printed = '';

  beforeAll(async () => {
    await ensureEngine();
    const folder = mkdtempSync(join(tmpdir(), 'programs-'));
    try {
      printed = await boot(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(PROGRAMS)('%s does what it does on a processor', (name) => {
    const [, text, status] = new RegExp(`^== ${name}\\n([^]*?)^-- (.*)$`, 'm').exec(printed) ?? [
      undefined,
      printed,
      '',
    ];
    expect(text).toBe(readFileSync(path(`expected/${name}.txt`), 'latin1'));
    expect(status).toBe('0000');
  });
});
