// Keeps one VM's serial output whole while the VM moves between hosts. Every piece of output carries the position of its
// first byte in all that the VM ever printed, so the follower can drop what was printed already (the new host repeats it)
// and fetch what it missed (a piece that came before it listened). It prints each byte once, in order.

export interface SerialPiece {
  position: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface SerialSink {
  print(bytes: Uint8Array<ArrayBuffer>): void;
  /** Output that no host keeps any more. */
  lost(bytes: number): void;
}

/** How often a gap is asked for before it is taken as lost. */
const ATTEMPTS = 5;
const RETRY_MS = 100;

export class SerialFollower {
  readonly #history: () => Promise<SerialPiece>;
  readonly #sink: SerialSink;
  readonly #delay: (ms: number) => Promise<void>;
  #next = 0;
  #started = false;
  #waiting: SerialPiece[] = [];
  #syncing = false;
  #again = false;

  /** @param history asks the host where the VM is now for what it printed since power-on; may reject, then it is asked again */
  constructor(
    history: () => Promise<SerialPiece>,
    sink: SerialSink,
    delay: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  ) {
    this.#history = history;
    this.#sink = sink;
    this.#delay = delay;
  }

  /** Position of the next byte to print. */
  get position(): number {
    return this.#next;
  }

  accept(piece: SerialPiece): void {
    if (this.#syncing) this.#waiting.push(piece);
    else if (piece.position > this.#next) {
      this.#waiting.push(piece);
      void this.synchronize();
    } else this.#print(piece);
  }

  /** Prints what the VM printed so far and is not yet here. Call it at the start and after a move. */
  async synchronize(): Promise<void> {
    if (this.#syncing) {
      this.#again = true;
      return;
    }
    this.#syncing = true;
    do {
      this.#again = false;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (attempt > 0) await this.#delay(RETRY_MS);
        const history = await this.#history().catch(() => undefined);
        if (history) this.#takeHistory(history);
        if (history && !this.#gapAhead()) break;
      }
    } while (this.#again);
    this.#syncing = false;
    this.#drain();
  }

  #takeHistory(history: SerialPiece): void {
    // The first time, what came before the history is another power cycle's; later it is a gap.
    if (!this.#started) this.#next = history.position;
    else if (history.position > this.#next && history.bytes.length > 0) this.#skip(history.position);
    this.#started = true;
    this.#print(history);
  }

  #skip(position: number): void {
    this.#sink.lost(position - this.#next);
    this.#next = position;
  }

  #gapAhead(): boolean {
    let reach = this.#next;
    for (const piece of this.#sorted()) {
      if (piece.position > reach) return true;
      reach = Math.max(reach, piece.position + piece.bytes.length);
    }
    return false;
  }

  #drain(): void {
    const pieces = this.#sorted();
    this.#waiting = [];
    for (const piece of pieces) {
      if (piece.position > this.#next) this.#skip(piece.position);
      this.#print(piece);
    }
  }

  #sorted(): SerialPiece[] {
    return [...this.#waiting].sort((a, b) => a.position - b.position);
  }

  #print(piece: SerialPiece): void {
    const known = this.#next - piece.position;
    if (known < 0 || known >= piece.bytes.length) return;
    this.#next = piece.position + piece.bytes.length;
    this.#sink.print(known === 0 ? piece.bytes : piece.bytes.slice(known));
  }
}
