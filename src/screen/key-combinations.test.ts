import { describe, expect, it } from 'vitest';
import { keyOf } from '../../engine/pc/input/key-table.ts';
import { combinationEvents, KEY_COMBINATIONS } from './key-combinations.ts';

describe('key combinations', () => {
  it.each(KEY_COMBINATIONS.map((combination) => [combination.label, combination] as const))(
    '%s consists of keys that the guest’s keyboard has, each pressed and released',
    (_, combination) => {
      const events = combinationEvents(combination);
      for (const code of combination.codes) {
        expect(keyOf(code)).toBeDefined();
        expect(events.filter((event) => event.kind === 'key' && event.code === code)).toHaveLength(2);
      }
    },
  );

  it('have names of their own', () => {
    expect(new Set(KEY_COMBINATIONS.map(({ label }) => label)).size).toBe(KEY_COMBINATIONS.length);
  });

  it('release in the opposite order, so that modifiers outlast the key', () => {
    expect(combinationEvents({ label: 'x', codes: ['ControlLeft', 'KeyC'] })).toEqual([
      { kind: 'key', code: 'ControlLeft', pressed: true },
      { kind: 'key', code: 'KeyC', pressed: true },
      { kind: 'key', code: 'KeyC', pressed: false },
      { kind: 'key', code: 'ControlLeft', pressed: false },
    ]);
  });
});
