import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ANIMATION_MODES, type AnimationMode, makeAnimation } from './animation.ts';

const folder = mkdtempSync(join(tmpdir(), 'animation-'));
const compiles = spawnSync('gcc', ['-m32', '-x', 'c', '-c', '-o', '/dev/null', '/dev/null']).status === 0;

afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(!compiles)('makeAnimation', () => {
  it.each(Object.keys(ANIMATION_MODES) as AnimationMode[])('%s: a floppy disk that boots', (mode) => {
    const image = readFileSync(join(folder, makeAnimation(folder, mode)));
    expect(image.length).toBe(1_474_560);
    expect(image.readUInt16LE(510)).toBe(0xaa55);
    // The program lies behind the boot sector.
    expect(image.subarray(512, 1024).some((byte) => byte !== 0)).toBe(true);
  });
});
