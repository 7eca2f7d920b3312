// The two averages that a benchmark may use: the median of repeated measurements, the geometric mean of ratios.

/** Throws RangeError for no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('The median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Of positive values. Throws RangeError for no values. */
export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('The mean of nothing');
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
