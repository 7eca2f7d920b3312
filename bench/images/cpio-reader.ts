// Finds one file in an initramfs image: a newc cpio archive (kernel Documentation/driver-api/early-userspace/
// buffer-format.rst).

const HEADER_BYTES = 110;
const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';

/** `path` without leading slash. Undefined if there is no such file. Throws if this is no newc archive. */
export function readFromCpio(archive: Uint8Array, path: string): Uint8Array | undefined {
  for (let offset = 0; ; ) {
    const entry = readEntry(archive, offset);
    if (entry.name === TRAILER) return undefined;
    if (entry.name === path) return entry.data;
    offset = entry.end;
  }
}

function readEntry(archive: Uint8Array, offset: number): { name: string; data: Uint8Array; end: number } {
  const text = (start: number, length: number) => new TextDecoder().decode(archive.subarray(start, start + length));
  if (text(offset, MAGIC.length) !== MAGIC) throw new Error(`No newc cpio entry at byte ${offset}.`);
  // Thirteen fields of eight hexadecimal digits follow the magic.
  const field = (index: number) => Number.parseInt(text(offset + MAGIC.length + 8 * index, 8), 16);
  const size = field(6);
  const nameLength = field(11);
  const start = padded(offset + HEADER_BYTES + nameLength);
  return {
    name: text(offset + HEADER_BYTES, nameLength - 1),
    data: archive.subarray(start, start + size),
    end: padded(start + size),
  };
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
