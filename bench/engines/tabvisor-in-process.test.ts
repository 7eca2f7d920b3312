import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'vitest';
import { ECHO_KERNEL } from '../../e2e/support/kernels.ts';
import { writeCpio } from '../../guests/packages/cpio.ts';
import type { RunningGuests } from './engine.ts';
import { startInProcess } from './tabvisor-in-process.ts';

const LIMIT_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
let guests: RunningGuests | undefined;

afterEach(async () => {
  await guests?.stop();
  rmSync(folder, { recursive: true });
});

test(
  'guests on two hosts are heard and hear, for as long as they run',
  async () => {
    const file = (name: string, bytes: Uint8Array) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return { path, url: '' };
    };
    const image = {
      linux: {
        kernel: file('kernel', ECHO_KERNEL.buffer),
        initrd: file('initrd', writeCpio([])),
        commandLine: '',
      },
      memoryMiB: 16,
    };
    guests = await startInProcess([[image], [image]]);
    for (const guest of [0, 1]) {
      for (const letter of ['a', 'b', 'c']) {
        await guests.send(letter, guest);
        await guests.waitFor(letter, LIMIT_MS, guest);
      }
    }
  },
  2 * LIMIT_MS,
);
