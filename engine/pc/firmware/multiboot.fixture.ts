// Small multiboot kernels for tests: a header with the address fields, or a 32-bit ELF file around one.

const MAGIC = 0x1badb002;

function words(...values: number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(values).buffer);
}

/** A multiboot header of `flags` and further fields. */
export function multibootHeader(flags: number, ...fields: number[]): Uint8Array {
  return words(MAGIC, flags, -(MAGIC + flags), ...fields);
}

export interface ElfSegment {
  virtual: number;
  physical: number;
  bytes: Uint8Array;
  memorySize?: number;
}

/** An i386 executable; its segments are executable. */
export function elfFile(entry: number, segments: readonly ElfSegment[]): Uint8Array {
  const headers = 52 + segments.length * 32;
  const file = new Uint8Array(segments.reduce((size, { bytes }) => size + bytes.length, headers));
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 3, true);
  view.setUint32(24, entry, true);
  view.setUint32(28, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, segments.length, true);
  let at = headers;
  for (const [i, { virtual, physical, bytes, memorySize }] of segments.entries()) {
    const fields = [1, at, virtual, physical, bytes.length, memorySize ?? bytes.length, 5, 4096];
    for (const [n, value] of fields.entries()) view.setUint32(52 + i * 32 + n * 4, value, true);
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
