// Soak (`npm run soak`): random system calls in a Linux that moves between two hosts meanwhile come out as they do on the processor at hand
// (conformance/calls). SOAK_MINUTES says for how long; SOAK_SEED is the first seed.

import { createHash, randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BINARY } from '../conformance/calls/files.ts';
import { hasCompiler, NativeCalls } from '../conformance/calls/native.ts';
import { LinuxOnHosts, linux } from './testing/linux-on-hosts.ts';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 1);
const FIRST_SEED = Number(process.env.SOAK_SEED ?? randomInt(1_000_000_000));
const OPERATIONS = 80;
const BOOT_LIMIT_MS = 200_000;
const ANSWER_LIMIT_MS = 300_000;

const compiler = hasCompiler();
if (!compiler)
  console.warn('Random system calls are left out: gcc is missing, which makes the program for this processor.');

const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');

/** Where the guest's transcript leaves that of the processor. */
function difference(guest: string, native: string): string {
  const [mine, right] = [guest, native].map((text) => text.trim().split(/\r?\n/));
  const n = right!.findIndex((line, at) => line !== mine![at]);
  return `line ${n + 1} is\n${mine![n]}\ninstead of\n${right![n]}`;
}

describe.skipIf(!linux || !compiler)('random system calls in a Linux guest', () => {
  let guest: LinuxOnHosts;
  let native: NativeCalls;

  beforeAll(async () => {
    native = new NativeCalls();
    const data = new Uint8Array(await readFile(BINARY));
    guest = await LinuxOnHosts.start({
      files: [{ kind: 'file', path: 'bin/calls', mode: 0o755, data }],
      bootLimitMs: BOOT_LIMIT_MS,
      answerLimitMs: ANSWER_LIMIT_MS,
    });
  }, BOOT_LIMIT_MS);

  afterAll(async () => {
    await guest?.end();
    native?.end();
  });

  it(
    'come out as on the processor while it moves',
    async () => {
      const end = performance.now() + MINUTES * 60_000;
      let seed = FIRST_SEED;
      let moved = 0;
      for (; seed === FIRST_SEED || performance.now() < end; seed++) {
        const expected = native.transcript([`${seed}`, `${OPERATIONS}`]);
        const command = `/bin/calls ${seed} ${OPERATIONS} > /tmp/transcript; sha256sum < /tmp/transcript`;
        const { answer, moves } = await guest.askOnTheMove(command).catch((cause: unknown) => {
          throw new Error(`seed ${seed}, ${OPERATIONS} operations: no transcript`, { cause });
        });
        moved += moves;
        const right = await expected;
        if (answer.split(/\s/)[0] === sha256(right)) continue;
        const transcript = await guest.ask('cat /tmp/transcript');
        expect.fail(`seed ${seed}, ${OPERATIONS} operations, ${moves} moves: ${difference(transcript, right)}`);
      }
      console.log(`${seed - FIRST_SEED} seeds from ${FIRST_SEED} of ${OPERATIONS} operations each, ${moved} moves`);
    },
    MINUTES * 60_000 + 2 * ANSWER_LIMIT_MS,
  );
});
