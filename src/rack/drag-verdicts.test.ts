import { describe, expect, it } from 'vitest';
import { verdictOf, verdictText } from './drag-verdicts.ts';

describe('drag verdicts', () => {
  it('know the source, the open question, yes and no', () => {
    const answers = { b: undefined, c: 'needs 64 MB, 40 MB free' };
    expect(verdictOf('a', 'a', answers)).toEqual({ kind: 'source' });
    expect(verdictOf('b', 'a', undefined)).toEqual({ kind: 'asking' });
    expect(verdictOf('b', 'a', answers).kind).toBe('fits');
    expect(verdictText(verdictOf('c', 'a', answers))).toBe('Does not fit: needs 64 MB, 40 MB free');
  });
});
