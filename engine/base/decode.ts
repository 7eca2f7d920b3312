// Building blocks of the decoders that validate what arrives from the subnet. Any script of the origin can post to the
// channel, so nothing that arrives has a type until a decoder has given it one. A decoder returns a fresh value that holds
// only what it checked, or throws DecodeError.

export class DecodeError extends Error {
  override name = 'DecodeError';
}

export type Decoder<T> = (value: unknown) => T;

/** Reasons are short; longer text is rejected. */
const TEXT_LIMIT = 4096;
/** Of nodes, connections, streams, VMs and what is put together of these. */
export const IDENTIFIER_LIMIT = 512;

export function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new DecodeError('not an object');
  return value as Record<string, unknown>;
}

export function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new DecodeError(`${name} is not a string`);
  if (value.length > TEXT_LIMIT) throw new DecodeError(`${name} is too long`);
  return value;
}

/** A user-facing reason, cut to what a decoder at the other end accepts. */
export function shortened(reason: string): string {
  return reason.slice(0, TEXT_LIMIT);
}

/** A non-empty string that names something. */
export function identifier(value: unknown, name: string): string {
  const id = text(value, name);
  if (id === '') throw new DecodeError(`${name} is empty`);
  if (id.length > IDENTIFIER_LIMIT) throw new DecodeError(`${name} is too long`);
  return id;
}

/** A finite number, zero or more. */
export function quantity(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) {
    throw new DecodeError(`${name} is not a number of zero or more`);
  }
  return value;
}

/** A whole number, zero or more. */
export function count(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new DecodeError(`${name} is not a whole number`);
  return value as number;
}

export function flag(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw new DecodeError(`${name} is not true or false`);
  return value;
}

export function bytes(value: unknown, name: string): Uint8Array<ArrayBuffer> {
  if (!(value instanceof Uint8Array)) throw new DecodeError(`${name} is not bytes`);
  return value as Uint8Array<ArrayBuffer>;
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], name: string): T {
  if (!allowed.includes(value as T)) throw new DecodeError(`${name} is none of ${allowed.join(', ')}`);
  return value as T;
}
