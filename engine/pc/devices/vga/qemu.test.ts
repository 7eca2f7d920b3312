// The same accesses as QEMU's standard VGA had, and what it answered (testing/record.ts).

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pixelsHash } from './testing/pixels-hash.ts';
import { SCENARIOS } from './testing/scenarios.ts';
import { VgaMachine } from './testing/vga-machine.ts';

const recorded: Record<string, { read: number[]; picture?: string }> = JSON.parse(
  readFileSync(new URL('testing/qemu.json', import.meta.url), 'utf8'),
);

describe('as QEMU 7.2', () => {
  it.each(SCENARIOS)('$name', ({ name, steps, picture }) => {
    const machine = new VgaMachine();
    const read = machine.run(steps);
    expect(read).toEqual(recorded[name]?.read);
    if (!picture) return;
    const { width, height, rgb } = machine.picture();
    expect(`${width}x${height} ${pixelsHash(rgb, picture)}`).toBe(recorded[name]?.picture);
  });
});
