// Gathers what a device prints until it is handed over in one piece, and numbers the bytes.

export class OutputBuffer {
  /** Number of the next byte that take() has not handed over yet. */
  position: number;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(position: number) {
    this.position = position;
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#size += bytes.length;
  }

  /** What was pushed since the last call, with the position of its first byte; undefined if nothing was. */
  take(): { position: number; bytes: Uint8Array<ArrayBuffer> } | undefined {
    if (this.#size === 0) return undefined;
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const position = this.position;
    this.position += this.#size;
    this.#chunks = [];
    this.#size = 0;
    return { position, bytes };
  }
}
