// MAC addresses as text (`52:54:00:12:34:56`, canonical: two are equal exactly when their texts are) and as bytes.

const hex = (byte: number) => byte.toString(16).padStart(2, '0');

export function macText(bytes: Uint8Array, offset = 0): string {
  return Array.from(bytes.subarray(offset, offset + 6), hex).join(':');
}

/** @throws RangeError if it is not six bytes in hexadecimal, separated by colons. */
export function macBytes(text: string): Uint8Array<ArrayBuffer> {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) throw new RangeError(`${text} is not a MAC address`);
  return Uint8Array.from(text.split(':'), (byte) => Number.parseInt(byte, 16));
}
