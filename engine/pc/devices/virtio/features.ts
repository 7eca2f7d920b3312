// Feature bits (virtio 1.2, §6 and §5.1.3), and sets of them: 64 bits as two words, as the registers show them.

/** Reserved feature bits: those of the transport and the queues. */
export const F_ANY_LAYOUT = 27; // legacy: a device takes any split of a buffer into descriptors
export const F_RING_INDIRECT_DESC = 28;
export const F_RING_EVENT_IDX = 29;
export const F_VERSION_1 = 32;

export interface FeatureSet {
  low: number;
  high: number;
}

export function featureSet(...bits: number[]): FeatureSet {
  const set = { low: 0, high: 0 };
  for (const bit of bits) {
    if (bit < 32) set.low = (set.low | (1 << bit)) >>> 0;
    else set.high = (set.high | (1 << (bit - 32))) >>> 0;
  }
  return set;
}

export function hasFeature(set: FeatureSet, bit: number): boolean {
  return (((bit < 32 ? set.low >>> bit : set.high >>> (bit - 32)) & 1) as number) === 1;
}

export function isSubset(set: FeatureSet, of: FeatureSet): boolean {
  return (set.low & ~of.low) === 0 && (set.high & ~of.high) === 0;
}
