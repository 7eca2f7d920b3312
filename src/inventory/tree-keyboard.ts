// Which row of a flat, visible tree the arrow keys lead to (WAI-ARIA tree pattern).

export interface TreeRow {
  key: string;
  /** 1 = top. */
  level: number;
  /** undefined for a leaf. */
  expanded?: boolean;
}

export type TreeMove = { focus: string } | { toggle: string } | undefined;

export function treeMove(rows: TreeRow[], current: string, key: string): TreeMove {
  const index = rows.findIndex((row) => row.key === current);
  const row = rows[index];
  if (!row) return undefined;
  const focus = (to: TreeRow | undefined): TreeMove => to && { focus: to.key };
  switch (key) {
    case 'ArrowDown':
      return focus(rows[index + 1]);
    case 'ArrowUp':
      return focus(rows[index - 1]);
    case 'Home':
      return focus(rows[0]);
    case 'End':
      return focus(rows.at(-1));
    case 'ArrowRight':
      if (row.expanded === false) return { toggle: row.key };
      return row.expanded && rows[index + 1]?.level > row.level ? focus(rows[index + 1]) : undefined;
    case 'ArrowLeft':
      if (row.expanded) return { toggle: row.key };
      return focus(rows.slice(0, index).findLast((above) => above.level < row.level));
    default:
      return undefined;
  }
}
