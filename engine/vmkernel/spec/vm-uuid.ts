// The identity of a VM as a guest sees it: a UUID made from the VM's own id, so that it stays the same wherever the VM runs.

// FNV-1a of 128 bits (RFC 9923): no one else has to arrive at the same number, it only has to be spread.
const PRIME = 0x0000000001000000000000000000013bn;
const BASIS = 0x6c62272e07bb014262b821756295c58dn;
const BITS = 128;

/** 16 bytes in the order in which a UUID is written: of version 8, made by rules of our own (RFC 9562, §5.8). */
export function vmUuid(id: string): Uint8Array {
  let hash = BASIS;
  for (const byte of new TextEncoder().encode(id)) hash = BigInt.asUintN(BITS, (hash ^ BigInt(byte)) * PRIME);
  const uuid = Uint8Array.from({ length: 16 }, (_, n) => Number((hash >> BigInt(8 * (15 - n))) & 0xffn));
  uuid[6] = (uuid[6] & 0x0f) | 0x80;
  uuid[8] = (uuid[8] & 0x3f) | 0x80;
  return uuid;
}
