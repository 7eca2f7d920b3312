// Whether two pieces of plain data say the same.

type Plain = unknown;

/** Numbers, strings, booleans, undefined; arrays, typed arrays and objects of such. */
export function same(a: Plain, b: Plain): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint32Array && b instanceof Uint32Array)
    return a.length === b.length && a.every((value, i) => value === b[i]);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => same((a as Record<string, Plain>)[key], (b as Record<string, Plain>)[key]))
  );
}
