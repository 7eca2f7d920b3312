// Soak (`npm run soak`, after `npm run guests -- memtest`): Memtest86+, from its CD, tests the memory of a VM and finds no error.

import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { guestFile, hasFirmware, PcOnHosts, pcSpec } from './testing/pc-on-hosts.ts';

const NAME = 'memtest86+ia32.iso';
const CD = guestFile(`memtest/${NAME}`);
/** The last of the tests that must end. */
const LAST = 3;

describe.skipIf(!CD || !hasFirmware)('Memtest86+', { timeout: 3_600_000 }, () => {
  let pc: PcOnHosts | undefined;
  beforeAll(ensureEngine);
  afterEach(() => pc?.end());

  it(`ends tests 0 to ${LAST} without an error`, async () => {
    const medium = { name: NAME, source: { kind: 'path', path: CD!, snapshot: true } } as const;
    const drives = [{ model: 'ide-cd', properties: { bus: 1, unit: 0 }, medium }];
    pc = await PcOnHosts.start(pcSpec({ guestOs: 'Memtest86+', memoryMiB: 16, drives }), 64);
    // It does them in order, some of them faster than one can look.
    const seen: number[] = [];
    const screen = await eventually(() => {
      const shown = pc!.look();
      const test = Number(/Test #(\d+)/.exec(shown)?.[1] ?? -1);
      if (test >= 0 && test !== seen.at(-1)) seen.push(test);
      expect(test, shown).toBeGreaterThan(LAST);
      return shown;
    });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[0]).toBe(0);
    expect(screen).toMatch(/Errors: *0\b/);
  });
});
