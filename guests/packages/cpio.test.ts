import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CpioEntry, writeCpio } from './cpio.ts';

const entries: CpioEntry[] = [
  { kind: 'directory', path: 'bin', mode: 0o755 },
  { kind: 'file', path: 'bin/odd', mode: 0o750, data: new TextEncoder().encode('hello') },
  { kind: 'symlink', path: 'sbin', target: 'bin' },
  { kind: 'character-device', path: 'console', mode: 0o600, major: 5, minor: 1 },
];

/** The fields of the entry at `offset` by their position in the newc header. */
function fieldsAt(archive: Uint8Array, offset: number) {
  const text = (from: number, length: number) => new TextDecoder().decode(archive.subarray(from, from + length));
  const value = (index: number) => Number.parseInt(text(offset + 6 + 8 * index, 8), 16);
  const nameSize = value(11);
  const data = (offset + 110 + nameSize + 3) & ~3;
  return {
    magic: text(offset, 6),
    mode: value(1),
    owner: [value(2), value(3)],
    time: value(5),
    size: value(6),
    device: [value(9), value(10)],
    name: text(offset + 110, nameSize - 1),
    data,
    next: (data + value(6) + 3) & ~3,
  };
}

describe('writeCpio', () => {
  const archive = writeCpio(entries);
  const parsed: ReturnType<typeof fieldsAt>[] = [];
  for (let offset = 0; offset < archive.length; offset = parsed.at(-1)!.next) parsed.push(fieldsAt(archive, offset));

  it('writes every entry with its type, then the trailer, and nothing after it', () => {
    expect(parsed.map(({ magic, name, mode, size }) => [magic, name, mode, size])).toEqual([
      ['070701', 'bin', 0o040755, 0],
      ['070701', 'bin/odd', 0o100750, 5],
      ['070701', 'sbin', 0o120777, 3],
      ['070701', 'console', 0o020600, 0],
      ['070701', 'TRAILER!!!', 0, 0],
    ]);
    expect(parsed.at(-1)!.next).toBe(archive.length);
  });

  it('keeps data and device numbers', () => {
    const text = (index: number) =>
      new TextDecoder().decode(archive.subarray(parsed[index].data, parsed[index].data + parsed[index].size));
    expect(text(1)).toBe('hello');
    expect(text(2)).toBe('bin');
    expect(parsed[3].device).toEqual([5, 1]);
  });

  it('depends on the entries alone: root owns everything, no time is recorded', () => {
    expect(writeCpio(entries)).toEqual(archive);
    for (const { owner, time } of parsed) expect([...owner, time]).toEqual([0, 0, 0]);
  });

  it.skipIf(spawnSync('cpio', ['--version']).error !== undefined)('is what cpio(1) reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cpio-'));
    try {
      const listing = spawnSync('cpio', ['-t'], { cwd: folder, input: archive, encoding: 'utf8' });
      expect(listing.stdout.trim().split('\n')).toEqual(['bin', 'bin/odd', 'sbin', 'console']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
