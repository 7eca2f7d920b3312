// Reads all files of a FAT12 image by what its parameter block says, and complains of what Microsoft's specification forbids.

const ENTRY = 32;
const END_OF_CHAIN = 0xff8;
const DIRECTORY = 0x10;
const VOLUME_LABEL = 0x08;

/** The files' bytes by their paths, in the order of the directories. Throws an Error for what is wrong. */
export function readFat12(image: Uint8Array): Record<string, Uint8Array> {
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const word = (at: number) => view.getUint16(at, true);
  const sector = word(11);
  const clusterBytes = image[13] * sector;
  const tableAt = (n: number) => (word(14) + n * word(22)) * sector;
  const root = tableAt(image[16]);
  const rootBytes = word(17) * ENTRY;
  const data = root + rootBytes;
  if (word(19) * sector !== image.length) throw new Error('The size is not that of the parameter block.');
  const table = image.subarray(tableAt(0), tableAt(1));
  if (Buffer.compare(table, image.subarray(tableAt(1), root)) !== 0) throw new Error('The two tables differ.');
  if ((next(0) & 0xff) !== image[21]) throw new Error('The media byte differs.');

  function next(cluster: number): number {
    const pair = table[(cluster * 3) >> 1] | (table[((cluster * 3) >> 1) + 1] << 8);
    return cluster % 2 === 1 ? pair >> 4 : pair & 0xfff;
  }

  const used = new Set<number>();
  function chain(first: number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (let cluster = first; cluster !== 0 && cluster < END_OF_CHAIN; cluster = next(cluster)) {
      if (used.has(cluster)) throw new Error(`Cluster ${cluster} is in two chains.`);
      used.add(cluster);
      const at = data + (cluster - 2) * clusterBytes;
      parts.push(image.subarray(at, at + clusterBytes));
    }
    return new Uint8Array(Buffer.concat(parts));
  }

  const files: Record<string, Uint8Array> = {};
  function list(directory: Uint8Array, prefix: string): void {
    for (let at = 0; at < directory.length && directory[at] !== 0; at += ENTRY) {
      const entry = new DataView(directory.buffer, directory.byteOffset + at, ENTRY);
      const [name, extension] = [directory.subarray(at, at + 8), directory.subarray(at + 8, at + 11)].map((part) =>
        new TextDecoder().decode(part).trimEnd(),
      );
      if (name.startsWith('.') || entry.getUint8(11) === VOLUME_LABEL) continue;
      const path = prefix + name + (extension === '' ? '' : `.${extension}`);
      const content = chain(entry.getUint16(26, true));
      if (entry.getUint8(11) === DIRECTORY) list(content, `${path}/`);
      else files[path] = content.slice(0, entry.getUint32(28, true));
    }
  }
  list(image.subarray(root, data), '');
  for (let cluster = 2; cluster < 2 + (image.length - data) / clusterBytes; cluster++) {
    if (next(cluster) !== 0 && !used.has(cluster)) throw new Error(`Cluster ${cluster} is lost.`);
  }
  return files;
}
