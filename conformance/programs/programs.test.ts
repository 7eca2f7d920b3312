// Programs in a Linux guest do what they do on a processor: the kernel of the guest image boots once, with the programs as its
// whole initramfs.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasKernel, type Outcome, runInLinux } from '../testing/linux-programs.ts';
import { PROGRAMS, path, START, sourceHash, sources } from './files.ts';

const binary = (name: string): Uint8Array => new Uint8Array(readFileSync(path(`bin/${name}`)));

it.each([START, ...PROGRAMS])('%s is built from its present source', (name) => {
  expect(Buffer.from(binary(name)).includes(`source-sha256:${sourceHash(sources(name))}`)).toBe(true);
});

describe.runIf(hasKernel())('in a Linux guest', () => {
  let outcome: (program: string) => Outcome;

  beforeAll(async () => {
    outcome = await runInLinux(new Map(PROGRAMS.map((name) => [name, binary(name)])), PROGRAMS);
  });

  it.each(PROGRAMS)('%s does what it does on a processor', (name) => {
    const { text, status } = outcome(name);
    expect(text).toBe(readFileSync(path(`expected/${name}.txt`), 'latin1'));
    expect(status).toBe('0000');
  });
});
