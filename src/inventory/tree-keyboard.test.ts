import { describe, expect, it } from 'vitest';
import { type TreeRow, treeMove } from './tree-keyboard.ts';

const rows: TreeRow[] = [
  { key: 'dc', level: 1, expanded: true },
  { key: 'a', level: 2, expanded: true },
  { key: 'vm', level: 3 },
  { key: 'b', level: 2, expanded: false },
];

describe('tree keyboard', () => {
  it('walks the visible rows', () => {
    expect(treeMove(rows, 'dc', 'ArrowDown')).toEqual({ focus: 'a' });
    expect(treeMove(rows, 'b', 'ArrowDown')).toBeUndefined();
    expect(treeMove(rows, 'vm', 'End')).toEqual({ focus: 'b' });
  });

  it('opens, enters, leaves and closes', () => {
    expect(treeMove(rows, 'b', 'ArrowRight')).toEqual({ toggle: 'b' });
    expect(treeMove(rows, 'a', 'ArrowRight')).toEqual({ focus: 'vm' });
    expect(treeMove(rows, 'vm', 'ArrowLeft')).toEqual({ focus: 'a' });
    expect(treeMove(rows, 'a', 'ArrowLeft')).toEqual({ toggle: 'a' });
    expect(treeMove(rows, 'vm', 'ArrowRight')).toBeUndefined();
  });
});
