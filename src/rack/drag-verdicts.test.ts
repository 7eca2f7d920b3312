import { describe, expect, it } from 'vitest';
import { verdictOf, verdictText } from './drag-verdicts.ts';

describe('drag verdicts', () => {
  it('know the source, the open question, yes and no', () => {
    const answers = { b: undefined, c: 'needs 64 MB, 40 MB free' };
    expect(verdictOf('a', 'a', answers, undefined)).toEqual({ kind: 'source' });
    expect(verdictOf('b', 'a', {}, undefined)).toEqual({ kind: 'asking' });
    expect(verdictOf('b', 'a', answers, undefined).kind).toBe('fits');
    expect(verdictText(verdictOf('c', 'a', answers, undefined))).toBe('Does not fit: needs 64 MB, 40 MB free');
  });

  it('do not wait for a host that is silent, whatever it said before', () => {
    const verdict = verdictOf('b', 'a', { b: undefined }, 'host-b is not responding');
    expect(verdict.kind).toBe('silent');
    expect(verdictText(verdict)).toBe('host-b is not responding');
  });
});
