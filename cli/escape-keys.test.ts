import { describe, expect, it } from 'vitest';
import { EscapeKeys } from './escape-keys.ts';

const feed = (...inputs: string[]) => {
  const keys = new EscapeKeys();
  const results = inputs.map((input) => keys.feed(new TextEncoder().encode(input)));
  return {
    guest: results.map(({ guest }) => new TextDecoder().decode(guest)).join(''),
    commands: results.flatMap(({ commands }) => commands),
  };
};

describe('EscapeKeys', () => {
  it('passes everything else on', () => {
    expect(feed('ls -l\r\x03\x1b[A')).toEqual({ guest: 'ls -l\r\x03\x1b[A', commands: [] });
  });

  it('takes Ctrl-A X and Ctrl-A H out of the stream, in either case, split or not', () => {
    expect(feed('a\x01xb')).toEqual({ guest: 'ab', commands: ['quit'] });
    expect(feed('a\x01', 'Hb')).toEqual({ guest: 'ab', commands: ['help'] });
  });

  it('sends Ctrl-A when it is typed twice, and swallows unknown keys', () => {
    expect(feed('\x01\x01x\x01q!')).toEqual({ guest: '\x01x!', commands: [] });
  });
});
