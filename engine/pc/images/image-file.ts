// A file of any size, of which recognition reads little: pieces, clipped to what there is, up to a budget. Numbers beyond the end
// of a piece read as zero and text as empty, so that a truncated file needs no special care at each field.

/** A file that someone has chosen. */
export interface ImageFile {
  name: string;
  /** Bytes. */
  size: number;
  /** The bytes of `[offset, offset + length)`, which lie inside the file. Rejects when the file cannot be read any more. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes that are read of one file at most, whatever its contents claim. */
const READ_BUDGET = 8 << 20;
/** Covers everything that stands at a fixed place near the beginning of a file, btrfs's superblock last. */
const HEAD_SIZE = 68 << 10;

/** The file cannot be read (any more); `cause` is what its `read` rejected with. */
export class UnreadableError extends Error {
  override name = 'UnreadableError';
}

export class ImageReader {
  readonly name: string;
  readonly size: number;
  readonly head: Uint8Array;
  readonly #file: ImageFile;
  #budget = READ_BUDGET;

  private constructor(file: ImageFile, head: Uint8Array) {
    this.name = file.name;
    this.size = file.size;
    this.head = head;
    this.#file = file;
  }

  static async open(file: ImageFile): Promise<ImageReader> {
    return new ImageReader(file, await readFrom(file, 0, Math.min(file.size, HEAD_SIZE)));
  }

  /** What the file has of that range: less than asked for at its end, nothing beyond it or beyond the budget. */
  async bytes(offset: number, length: number): Promise<Uint8Array> {
    if (!Number.isSafeInteger(offset) || offset < 0) return new Uint8Array(0);
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    if (offset + wanted <= this.head.length) return this.head.subarray(offset, offset + wanted);
    const size = Math.min(wanted, this.#budget);
    if (size === 0) return new Uint8Array(0);
    this.#budget -= size;
    return readFrom(this.#file, offset, size);
  }

  /** The last bytes of the file. */
  tail(length: number): Promise<Uint8Array> {
    return this.bytes(Math.max(0, this.size - length), length);
  }
}

async function readFrom(file: ImageFile, offset: number, length: number): Promise<Uint8Array> {
  try {
    return await file.read(offset, length);
  } catch (cause) {
    throw new UnreadableError(cause instanceof Error ? cause.message : '', { cause });
  }
}

export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

export function u16(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) | (u8(bytes, at + 1) << 8);
}

export function u32(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) + u16(bytes, at + 2) * 0x10000;
}

/** Inexact above 2^53, which no size or address of a file reaches. */
export function u64(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) + u32(bytes, at + 4) * 2 ** 32;
}

export function u32be(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) * 2 ** 24 + ((u8(bytes, at + 1) << 16) | (u8(bytes, at + 2) << 8) | u8(bytes, at + 3));
}

export function u64be(bytes: Uint8Array, at: number): number {
  return u32be(bytes, at) * 2 ** 32 + u32be(bytes, at + 4);
}

/** One character a byte. */
export function latin1(bytes: Uint8Array, at = 0, length = bytes.length): string {
  let text = '';
  for (const byte of bytes.subarray(at, at + length)) text += String.fromCharCode(byte);
  return text;
}

/** Text of a fixed field: what cannot be shown, and the padding, is left out. */
export function fieldText(bytes: Uint8Array, at: number, length: number): string {
  return latin1(bytes, at, length)
    .split('\0')[0]
    .replace(/[^\x20-\x7e\xa0-\xff]+/g, ' ')
    .trim();
}

/** Characters of `signature` are bytes. */
export function hasAt(bytes: Uint8Array, at: number, signature: string): boolean {
  return latin1(bytes, at, signature.length) === signature;
}

export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
