import PlayIcon from '@patternfly/react-icons/dist/esm/icons/play-icon';
import { describe, expect, it } from 'vitest';
import { type PaletteEntry, searchEntries } from './palette-search.ts';

const entry = (label: string, target?: string): PaletteEntry => ({
  key: label + target,
  target,
  action: { id: label, label, icon: PlayIcon, run: () => {} },
});

const entries = [
  entry('Open console', 'linux-1'),
  entry('Power off', 'linux-1'),
  entry('Power off', 'web'),
  entry('New VM…'),
];
const found = (query: string) => searchEntries(entries, query).map((e) => `${e.action.label} ${e.target ?? ''}`.trim());

describe('command palette', () => {
  it('shows everything before anything is typed', () => {
    expect(found('')).toHaveLength(4);
  });

  it('finds by the beginnings of words, in any order, action and object alike', () => {
    expect(found('pow web')).toEqual(['Power off web']);
    expect(found('linux con')).toEqual(['Open console linux-1']);
    expect(found('ower')).toEqual([]);
  });

  it('puts what starts with the query first', () => {
    expect(searchEntries([entry('Reset', 'power'), entry('Power off', 'web')], 'power')[0].action.label).toBe(
      'Power off',
    );
  });
});
