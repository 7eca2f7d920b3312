// About how many bytes a structured-cloneable value takes on the wire, for the link model and the statistics.

const SCALAR_BYTES = 8;

/** Values may not contain cycles. */
export function cloneSize(value: unknown): number {
  if (typeof value === 'string') return SCALAR_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return SCALAR_BYTES;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return SCALAR_BYTES + value.byteLength;
  let size = SCALAR_BYTES;
  if (Array.isArray(value) || value instanceof Set) {
    for (const element of value) size += cloneSize(element);
  } else if (value instanceof Map) {
    for (const [key, element] of value) size += cloneSize(key) + cloneSize(element);
  } else {
    for (const [key, element] of Object.entries(value)) size += key.length + cloneSize(element);
  }
  return size;
}
