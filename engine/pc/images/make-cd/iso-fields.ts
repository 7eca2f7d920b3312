// How ECMA-119 writes numbers and dates (§7.2, §7.3, §8.4.26, §9.1.5).

/** 16 bits, little-endian and then big-endian. */
export function both16(value: number): number[] {
  return [value & 0xff, value >> 8, value >> 8, value & 0xff];
}

/** 32 bits, little-endian and then big-endian. */
export function both32(value: number): number[] {
  const little = little32(value);
  return [...little, ...little.toReversed()];
}

export function little32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

export function big32(value: number): number[] {
  return little32(value).reverse();
}

/** Seven bytes of a directory record: years since 1900 to the second, in UTC. @param ms since 1970 */
export function recordDate(ms: number): number[] {
  const date = dateOf(ms);
  return [
    date.getUTCFullYear() - 1900,
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    0,
  ];
}

/** Seventeen bytes of a volume descriptor: digits to hundredths of a second, in UTC. @param ms since 1970 */
export function volumeDate(ms: number): number[] {
  const digits = dateOf(ms).toISOString().replace(/\D/g, '').slice(0, 16);
  return [...ascii(digits), 0];
}

/** The years that a record's byte can hold; a file whose date is none is of 1970. */
function dateOf(ms: number): Date {
  const first = Date.UTC(1900, 0, 1);
  const last = Date.UTC(2155, 11, 31);
  return new Date(Number.isFinite(ms) ? Math.min(Math.max(ms, first), last) : 0);
}

export function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0) & 0xff);
}

/** UTF-16 units, big-endian, as Joliet has names. */
export function ucs2(text: string): number[] {
  return Array.from({ length: text.length * 2 }, (_, i) => {
    const unit = text.charCodeAt(i >> 1);
    return i % 2 === 0 ? unit >> 8 : unit & 0xff;
  });
}
