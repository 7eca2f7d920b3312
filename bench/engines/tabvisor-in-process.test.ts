import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'vitest';
import { writeCpio } from '../../guests/packages/cpio.ts';
import { tinyKernel } from '../../workers/testing/tiny-kernel.ts';
import type { RunningGuests } from './engine.ts';
import { startInProcess } from './tabvisor-in-process.ts';

/** Prints ">" and then what it is sent, for ever. */
// biome-ignore format: an instruction a line
const ECHO = [
  0x66, 0xba, 0xfc, 0x03, // mov dx, COM1's modem control
  0xb0, 0x03,             // mov al, DTR and RTS
  0xee,                   // out dx, al
  0x66, 0xba, 0xf8, 0x03, // mov dx, COM1
  0xb0, 0x3e,             // mov al, '>'
  0xee,                   // out dx, al
  0x66, 0xba, 0xfd, 0x03, // again: mov dx, COM1's line status
  0xec,                   // wait: in al, dx
  0xa8, 0x01,             // test al, data ready
  0x74, 0xfb,             // jz wait
  0x66, 0xba, 0xf8, 0x03, // mov dx, COM1
  0xec,                   // in al, dx
  0xee,                   // out dx, al
  0xeb, 0xef,             // jmp again
];
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
      kernel: file('kernel', tinyKernel(ECHO)),
      initrd: file('initrd', writeCpio([])),
      commandLine: '',
      memoryMiB: 16,
    };
    guests = await startInProcess([[image], [image]]);
    for (const guest of [0, 1]) await guests.waitFor('>', LIMIT_MS, guest);
    for (const guest of [0, 1]) {
      for (const letter of ['a', 'b']) {
        await guests.send(letter, guest);
        await guests.waitFor(letter, LIMIT_MS, guest);
      }
    }
  },
  2 * LIMIT_MS,
);
