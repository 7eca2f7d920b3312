// Random system calls in a Linux guest come out as they do on a processor.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { sourceHash } from '../programs/files.ts';
import { hasKernel, type Outcome, runInLinux } from '../testing/linux-programs.ts';
import { argumentsOf, BINARY, PROGRAM, path, SEEDS, SOURCES } from './files.ts';

const commandOf = (seed: number): string => [PROGRAM, ...argumentsOf(seed)].join(' ');

it('is built from its present source', () => {
  expect(readFileSync(BINARY).includes(`source-sha256:${sourceHash(SOURCES)}`)).toBe(true);
});

describe.runIf(hasKernel())('in a Linux guest', () => {
  let outcome: (command: string) => Outcome;

  beforeAll(async () => {
    outcome = await runInLinux(new Map([[PROGRAM, new Uint8Array(readFileSync(BINARY))]]), SEEDS.map(commandOf));
  });

  it.each(SEEDS)('seed %i prints what it prints on a processor', (seed) => {
    const { text, status } = outcome(commandOf(seed));
    expect(text).toBe(readFileSync(path(`expected/${seed}.txt`), 'latin1'));
    expect(status).toBe('0000');
  });
});
