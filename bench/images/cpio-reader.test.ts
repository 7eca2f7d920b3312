import { describe, expect, it } from 'vitest';
import { writeCpio } from '../../guests/packages/cpio.ts';
import { readFromCpio } from './cpio-reader.ts';

const archive = writeCpio([
  { kind: 'directory', path: 'bin', mode: 0o755 },
  { kind: 'file', path: 'bin/one', mode: 0o755, data: Uint8Array.of(1, 2, 3) },
  { kind: 'symlink', path: 'bin/link', target: 'one' },
  { kind: 'file', path: 'bin/two', mode: 0o755, data: Uint8Array.of(4, 5, 6, 7, 8) },
]);

describe('readFromCpio', () => {
  it('finds a file behind entries of every kind and padding', () => {
    expect(readFromCpio(archive, 'bin/one')).toEqual(Uint8Array.of(1, 2, 3));
    expect(readFromCpio(archive, 'bin/two')).toEqual(Uint8Array.of(4, 5, 6, 7, 8));
  });
  it('says so when there is none', () => expect(readFromCpio(archive, 'bin/three')).toBeUndefined());
  it('refuses what is no archive', () => expect(() => readFromCpio(new Uint8Array(200), 'x')).toThrow('No newc cpio'));
});
