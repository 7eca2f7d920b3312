// The way of a page from one blade's port to another's: up to the wire, along it, down. Points in CSS pixels relative to
// the lane that the wire lies in.

export interface Point {
  x: number;
  y: number;
}

/** @param y where the wire runs; ports hang at the lane's lower edge */
export function wirePath(fromX: number, toX: number, y: number, height: number): Point[] {
  return [
    { x: fromX, y: height },
    { x: fromX, y },
    { x: toX, y },
    { x: toX, y: height },
  ];
}

/** The point at `progress` (0..1) of the path's length, and whether the path runs along the wire there. */
export function pointOn(path: Point[], progress: number): Point & { along: boolean } {
  const lengths = path.slice(1).map((point, n) => Math.hypot(point.x - path[n].x, point.y - path[n].y));
  let left = progress * lengths.reduce((sum, length) => sum + length, 0);
  for (let n = 0; n < lengths.length; n++) {
    if (left > lengths[n] && n < lengths.length - 1) {
      left -= lengths[n];
      continue;
    }
    const share = lengths[n] === 0 ? 0 : Math.min(1, left / lengths[n]);
    const [a, b] = [path[n], path[n + 1]];
    return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share, along: a.y === b.y };
  }
  return { ...path[0], along: false };
}
