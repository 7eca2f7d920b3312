// MAC addresses of network cards: how one is made, and what is wrong with one that the user typed.
import { macBytes } from '../../engine/base/mac-address.ts';

/** Locally administered, as QEMU and KVM number their guests' cards. */
const PREFIX = '52:54:00';

/** @param taken in lower case */
export function randomMac(taken: ReadonlySet<string>): string {
  for (;;) {
    const bytes = crypto.getRandomValues(new Uint8Array(3));
    const mac = [PREFIX, ...Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))].join(':');
    if (!taken.has(mac)) return mac;
  }
}

/** @returns a user-facing message: what is wrong */
export function macProblem(text: string, taken: ReadonlySet<string>): string | undefined {
  const mac = text.trim().toLowerCase();
  let bytes: Uint8Array;
  try {
    bytes = macBytes(mac);
  } catch {
    return 'Six pairs of hexadecimal digits, as 52:54:00:12:34:56.';
  }
  // IEEE 802-2014, 8.2.2: the lowest bit of the first byte makes it a group's.
  if (bytes[0] & 1) return 'A card’s own address: the second digit is even.';
  if (bytes.every((byte) => byte === 0)) return 'Zeros alone are no card’s address.';
  return taken.has(mac) ? 'Another network card has this address.' : undefined;
}
