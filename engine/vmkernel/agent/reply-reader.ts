// The stream of answers of a guest's agent: JSON values, a line each. An answer to guest-sync-delimited has the byte FFh before it,
// so that what came before, whole or cut off, can be skipped (QEMU, docs/interop/qemu-ga-ref: guest-sync-delimited).
//
// A guest may send anything: a line that is too long is skipped to its end, and what is no JSON object is reported as such.

/** Bytes of one answer at most. */
const LONGEST_LINE = 1 << 20;
const LINE_FEED = 0x0a;
const DELIMITER = 0xff;

export type Reply = Readonly<Record<string, unknown>>;

export class ReplyReader {
  readonly #onReply: (reply: Reply | undefined) => void;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #skipping = false;

  /** `onReply`: undefined for a line that is no answer. */
  constructor(onReply: (reply: Reply | undefined) => void) {
    this.#onReply = onReply;
  }

  take(bytes: Uint8Array): void {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === DELIMITER) this.#forget();
      else if (bytes[at] === LINE_FEED) {
        this.#keep(bytes.subarray(start, at));
        this.#endLine();
      } else continue;
      start = at + 1;
    }
    this.#keep(bytes.subarray(start));
  }

  #forget(): void {
    this.#pieces = [];
    this.#length = 0;
    this.#skipping = false;
  }

  #keep(piece: Uint8Array): void {
    if (piece.length === 0 || this.#skipping) return;
    this.#pieces.push(piece.slice());
    this.#length += piece.length;
    if (this.#length <= LONGEST_LINE) return;
    this.#forget();
    this.#skipping = true;
  }

  #endLine(): void {
    const skipped = this.#skipping;
    const line = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      line.set(piece, at);
      at += piece.length;
    }
    this.#forget();
    if (skipped) this.#onReply(undefined);
    else if (line.length > 0) this.#onReply(parse(new TextDecoder().decode(line)));
  }
}

function parse(line: string): Reply | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Reply) : undefined;
  } catch {
    // Not JSON, or nested too deeply.
    return undefined;
  }
}
