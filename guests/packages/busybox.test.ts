import { describe, expect, it } from 'vitest';
import { busyboxApplets } from './busybox.ts';
import { GuestBuildError } from './errors.ts';

// biome-ignore format: a table
const NAMES = [
  '[', '[[', 'cttyhack', 'dd', 'mount', 'poweroff', 'run-parts', 'setsid', 'sh', 'sha256sum', 'sleep', 'uptime', 'zcat',
];

function binary(names: string[], after = '\0usage: none\0'): Uint8Array {
  return Buffer.from(`\x7fELF...\0no table: [\0\0${names.join('\0')}${after}`, 'latin1');
}

describe('busyboxApplets', () => {
  it('reads the run of names in order', () => {
    expect(busyboxApplets(binary(NAMES))).toEqual(NAMES);
  });

  it('ends where the order ends, so strings that follow are no applets', () => {
    expect(busyboxApplets(binary(NAMES, '\0aaa\0zzz\0'))).toEqual(NAMES);
  });

  it('says what is missing when the binary is something else', () => {
    expect(() => busyboxApplets(binary(NAMES.filter((name) => name !== 'cttyhack')))).toThrow(/no cttyhack/);
    expect(() => busyboxApplets(new Uint8Array(64))).toThrow(GuestBuildError);
  });
});
