// zstd (RFC 8878), by fzstd, which takes no notice of checksums and would set aside as large a window as a header asks for. So the file
// is cut into its frames here, by the sizes of their blocks.

import { Decompress } from 'fzstd';
import xxhash from 'xxhash-wasm';
import { damaged, truncated, UnpackError } from './unpack-error.ts';
import type { UnpackJob } from './unpack-job.ts';

const MAGIC = 0xfd2fb528;
/** Frames with data of others, to be skipped (§3.1.2): the low four bits are free. */
const SKIPPABLE = 0x184d2a50;
const SINGLE_SEGMENT = 0x20;
const RESERVED = 0x08;
const CHECKSUM = 0x04;
const RLE_BLOCK = 1;
const RESERVED_BLOCK = 3;
/** What zstd's own program takes without being asked (--memory): larger windows are made by --ultra and --long. */
const WINDOW_LIMIT = 128 << 20;

type Hash = Awaited<ReturnType<typeof xxhash>>;

export async function unpackZstd(job: UnpackJob): Promise<void> {
  const hash = await xxhash();
  const input = new Input(job);
  if (job.file.size === 0) throw truncated('zstd');
  while (!(await input.atEnd())) {
    const magic = await input.take(4);
    const value = new DataView(magic.buffer, magic.byteOffset).getUint32(0, true);
    if (value === MAGIC) await unpackFrame(job, input, hash, magic);
    else if ((value & ~0xf) >>> 0 === SKIPPABLE) {
      const size = await input.take(4);
      await input.pass(new DataView(size.buffer, size.byteOffset).getUint32(0, true), () => {});
    } else throw damaged('zstd', 'something else stands where a frame should begin');
  }
}

async function unpackFrame(job: UnpackJob, input: Input, { create64 }: Hash, magic: Uint8Array): Promise<void> {
  const contents = create64();
  const decoder = new Decompress((bytes) => {
    contents.update(bytes);
    job.write(bytes);
  });
  const push = (bytes: Uint8Array, last = false) => {
    try {
      decoder.push(bytes, last);
    } catch (error) {
      throw error instanceof UnpackError ? error : damaged('zstd');
    }
  };
  const [descriptor] = await input.take(1);
  if (descriptor & RESERVED) throw damaged('zstd');
  const header = await input.take(headerSize(descriptor) - 1);
  checkHeader(job, descriptor, header);
  push(Uint8Array.of(...magic, descriptor, ...header));
  for (let last = false; !last; ) {
    const block = await input.take(3);
    const word = block[0] | (block[1] << 8) | (block[2] << 16);
    last = (word & 1) !== 0;
    const type = (word >> 1) & 3;
    if (type === RESERVED_BLOCK) throw damaged('zstd');
    push(block);
    await input.pass(type === RLE_BLOCK ? 1 : word >> 3, push);
  }
  const checksum = await input.take(descriptor & CHECKSUM ? 4 : 0);
  push(checksum, true);
  if (checksum.length === 0) return;
  const declared = new DataView(checksum.buffer, checksum.byteOffset).getUint32(0, true);
  if (declared !== Number(contents.digest() & 0xffffffffn))
    throw damaged('zstd', 'the checksum of its contents is wrong');
}

/** From the descriptor to the first block, bytes (§3.1.1.1). */
function headerSize(descriptor: number): number {
  const single = (descriptor & SINGLE_SEGMENT) !== 0;
  const contentSize = [single ? 1 : 0, 2, 4, 8][descriptor >> 6];
  return 1 + (single ? 0 : 1) + dictionarySize(descriptor) + contentSize;
}

function dictionarySize(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3];
}

function checkHeader(job: UnpackJob, descriptor: number, header: Uint8Array): void {
  const single = (descriptor & SINGLE_SEGMENT) !== 0;
  if (
    header
      .subarray(single ? 0 : 1)
      .subarray(0, dictionarySize(descriptor))
      .some(Boolean)
  )
    throw new UnpackError(
      'The zstd file was made with a dictionary, which is not here. Unpack it first: zstd -d -D DICTIONARY FILE',
    );
  const field = header.subarray(header.length - [single ? 1 : 0, 2, 4, 8][descriptor >> 6]);
  // Two bytes count from 256.
  const contentSize = field.reduceRight((sum, byte) => sum * 256 + byte, 0) + (field.length === 2 ? 256 : 0);
  job.checkSize(contentSize);
  const base = 2 ** (10 + (header[0] >> 3));
  const window = single ? contentSize : base + (base / 8) * (header[0] & 7);
  if (window > WINDOW_LIMIT)
    throw new UnpackError(
      'The zstd file needs more than 128 MiB of memory to be unpacked (--long). Unpack it first: zstd -d --long=31 FILE',
    );
}

/** The file, from which so many bytes are taken. */
class Input {
  readonly #pieces: AsyncGenerator<Uint8Array>;
  #piece = new Uint8Array(0);

  constructor(job: UnpackJob) {
    this.#pieces = job.pieces();
  }

  async atEnd(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done) return true;
      this.#piece = new Uint8Array(next.value);
    }
    return false;
  }

  async take(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    let filled = 0;
    await this.pass(count, (part) => {
      bytes.set(part, filled);
      filled += part.length;
    });
    return bytes;
  }

  /** Hands on that many bytes. */
  async pass(count: number, to: (bytes: Uint8Array) => void): Promise<void> {
    for (let left = count; left > 0; ) {
      if (await this.atEnd()) throw truncated('zstd');
      const part = this.#piece.subarray(0, left);
      this.#piece = this.#piece.subarray(part.length);
      left -= part.length;
      to(part);
    }
  }
}
