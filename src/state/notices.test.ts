import { describe, expect, it } from 'vitest';
import { dropExpired, dropTargets, dropTopic, type Notice, nextExpiry, troubleSince } from './notices.ts';

const notice = (change: Partial<Notice>): Notice => ({
  id: crypto.randomUUID(),
  at: 0,
  severity: 'danger',
  title: 't',
  detail: '',
  ...change,
});

describe('notices', () => {
  it('that ask for nothing go by themselves, errors do not', () => {
    const all = [notice({ severity: 'info' }), notice({ severity: 'warning' }), notice({})];
    const first = nextExpiry(all);
    expect(dropExpired(all, first - 1)).toHaveLength(3);
    const later = dropExpired(all, first);
    expect(later.map(({ severity }) => severity)).toEqual(['warning', 'danger']);
    const last = dropExpired(later, nextExpiry(later));
    expect(last.map(({ severity }) => severity)).toEqual(['danger']);
    expect(nextExpiry(last)).toBe(Number.POSITIVE_INFINITY);
    expect(nextExpiry([])).toBe(Number.POSITIVE_INFINITY);
  });

  it('go when what they speak of is over: tried again, or gone', () => {
    const all = [notice({ topic: 'Power on v', targetId: 'v' }), notice({ targetId: 'w' }), notice({})];
    expect(dropTopic(all, 'Power on v')).toHaveLength(2);
    expect(dropTopic(all, 'Power on w')).toBe(all);
    expect(dropTargets(all, ['w']).map(({ targetId }) => targetId)).toEqual(['v', undefined]);
  });
});

it('the bell counts warnings and errors that nobody has looked at', () => {
  const events = (['danger', 'warning', 'success', 'info'] as const).map((severity, at) => ({
    id: severity,
    at,
    severity,
    target: 't',
    text: '',
  }));
  expect(troubleSince(events, -1)).toBe(2);
  expect(troubleSince(events, 0)).toBe(1);
  expect(troubleSince(events, 3)).toBe(0);
});
