// Distinguishes what a terminal answers by itself (ECMA-48, 5.5: device status, attributes, modes, colours) from what the user
// types: xterm has one event for both. It answers while it parses, so what comes while a question is parsed is its answer.
// Questions that were printed before this terminal was opened are not answered.
import type { Terminal } from '@xterm/xterm';
import { QueryPieces } from './query-pieces.ts';

/** DECSET 1004 reports the focus at once, when it is set. */
const SETS_FOCUS_REPORTS = 1004;

interface Piece {
  position: number;
  live: boolean;
}

export class TerminalReplies {
  readonly #terminal: Terminal;
  readonly #reply: (position: number, text: string) => void;
  readonly #pieces = new QueryPieces();
  /** Handed to the terminal and not parsed yet. */
  readonly #parsing: Piece[] = [];
  #asked = false;

  /** @param reply gets an answer, with the position of its question in the VM's output */
  constructor(terminal: Terminal, reply: (position: number, text: string) => void) {
    this.#terminal = terminal;
    this.#reply = reply;
    const { parser } = terminal;
    const ask = () => {
      this.#asked = true;
      queueMicrotask(() => {
        this.#asked = false;
      });
      return false;
    };
    for (const prefix of ['', '?', '>']) {
      for (const final of ['c', 'n', 'q']) parser.registerCsiHandler({ ...(prefix && { prefix }), final }, ask);
    }
    for (const prefix of ['', '?']) {
      parser.registerCsiHandler({ ...(prefix && { prefix }), intermediates: '$', final: 'p' }, ask);
    }
    parser.registerCsiHandler({ prefix: '?', final: 'h' }, (params) => params.includes(SETS_FOCUS_REPORTS) && ask());
    parser.registerDcsHandler({ intermediates: '$', final: 'q' }, ask);
    for (const color of [4, 10, 11, 12]) parser.registerOscHandler(color, (data) => data.includes('?') && ask());
  }

  /** Prints. Resolves when it is parsed. */
  async write(bytes: Uint8Array, position: number, live: boolean): Promise<void> {
    const pieces = live ? this.#pieces.cut(bytes, position) : [{ position, bytes }];
    await Promise.all(
      pieces.map((piece) => {
        this.#parsing.push({ position: piece.position, live });
        return new Promise<void>((resolve) => {
          this.#terminal.write(piece.bytes, () => {
            this.#parsing.shift();
            resolve();
          });
        });
      }),
    );
  }

  /** For Terminal.onData. Returns whether it was an answer; then nothing is left to do. */
  takes(text: string): boolean {
    if (!this.#asked) return false;
    const [piece] = this.#parsing;
    if (piece?.live) this.#reply(piece.position, text);
    return true;
  }
}
