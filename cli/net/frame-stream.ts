// Ethernet frames on a byte stream as QEMU's socket backend sends them: each behind its length, four bytes, big-endian (net/socket.c is the
// only description there is; "QEMU System Emulation Invocation", -netdev socket, promises no more than that two QEMUs understand each
// other). Frames have no preamble and no checksum.

/** QEMU refuses longer ones and ends the connection. */
const LONGEST_FRAME = 4096 + 65_536;

export function framed(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length);
  bytes.set(frame, 4);
  return bytes;
}

export class FrameReader {
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** The frames that are whole now, each in memory of its own. Throws RangeError for a length that no frame has: nothing after it can be read. */
  feed(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const view = new DataView(all.buffer);
    const frames: Uint8Array<ArrayBuffer>[] = [];
    let at = 0;
    while (at + 4 <= all.length) {
      const length = view.getUint32(at);
      if (length > LONGEST_FRAME) throw new RangeError(`a frame of ${length} bytes`);
      if (at + 4 + length > all.length) break;
      frames.push(all.slice(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.#rest = all.slice(at);
    return frames;
  }
}
