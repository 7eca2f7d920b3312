// Writer for the "newc" cpio format of Linux initramfs images (kernel Documentation/driver-api/early-userspace/
// buffer-format.rst): per entry a 110-byte ASCII header of hexadecimal fields, the NUL-terminated name, the data, each
// padded to 4 bytes; the archive ends with an entry named TRAILER!!!. Output depends on the entries alone: owner is
// root, times are 0, inode numbers count up.

const TYPE_DIRECTORY = 0o040000;
const TYPE_CHARACTER_DEVICE = 0o020000;
const TYPE_REGULAR = 0o100000;
const TYPE_SYMLINK = 0o120000;
const HEADER_BYTES = 110;
const TRAILER = 'TRAILER!!!';

/** `path` has no leading slash; a directory comes before what it contains. `mode` is the permission bits. */
export type CpioEntry =
  | { kind: 'directory'; path: string; mode: number }
  | { kind: 'file'; path: string; mode: number; data: Uint8Array }
  | { kind: 'symlink'; path: string; target: string }
  | { kind: 'character-device'; path: string; mode: number; major: number; minor: number };

/** The archive's bytes. */
export function writeCpio(entries: readonly CpioEntry[]): Uint8Array<ArrayBuffer> {
  const parts = entries.map((entry, index) => record(entry, index + 1));
  parts.push(header(TRAILER, { inode: 0, mode: 0, links: 1, size: 0, major: 0, minor: 0 }));
  const archive = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    archive.set(part, offset);
    offset += part.length;
  }
  return archive;
}

function record(entry: CpioEntry, inode: number): Uint8Array {
  const plain = { inode, links: 1, size: 0, major: 0, minor: 0 };
  switch (entry.kind) {
    case 'directory':
      return header(entry.path, { ...plain, mode: TYPE_DIRECTORY | entry.mode, links: 2 });
    case 'character-device':
      return header(entry.path, {
        ...plain,
        mode: TYPE_CHARACTER_DEVICE | entry.mode,
        major: entry.major,
        minor: entry.minor,
      });
    case 'file':
      return withData(
        header(entry.path, { ...plain, mode: TYPE_REGULAR | entry.mode, size: entry.data.length }),
        entry.data,
      );
    case 'symlink': {
      const target = new TextEncoder().encode(entry.target);
      return withData(header(entry.path, { ...plain, mode: TYPE_SYMLINK | 0o777, size: target.length }), target);
    }
  }
}

interface Fields {
  inode: number;
  mode: number;
  links: number;
  size: number;
  major: number;
  minor: number;
}

function header(path: string, fields: Fields): Uint8Array {
  const name = new TextEncoder().encode(`${path}\0`);
  // Order: ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check.
  // biome-ignore format: one line, as the format lists them
  const values = [
    fields.inode, fields.mode, 0, 0, fields.links, 0, fields.size, 0, 0, fields.major, fields.minor, name.length, 0,
  ];
  const text = `070701${values.map((value) => value.toString(16).padStart(8, '0')).join('')}`;
  const bytes = new Uint8Array(padded(HEADER_BYTES + name.length));
  bytes.set(new TextEncoder().encode(text));
  bytes.set(name, HEADER_BYTES);
  return bytes;
}

function withData(head: Uint8Array, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + padded(data.length));
  bytes.set(head);
  bytes.set(data, head.length);
  return bytes;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
