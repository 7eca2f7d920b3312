// Cuts terminal output where a sequence begins that the terminal may have to answer (ECMA-48 and xterm's control sequences:
// CSI … c n p q, DECSET, OSC, DCS), so that an answer can be identified by the position of its question, however the output was
// cut before. A cut too many does no harm; one too few makes a position less exact.

export interface QueryPiece {
  /** Of its first byte; where it goes on with an unfinished sequence, of that sequence's. */
  position: number;
  bytes: Uint8Array;
}

const ESC = 0x1b;
/** First byte of the C1 controls in UTF-8. */
const C1_LEAD = 0xc2;
const CSI = 0x5b;
const STRINGS = [0x50 /* DCS */, 0x5d /* OSC */];
const FINALS = new Set([...'cnpqh'].map((letter) => letter.charCodeAt(0)));
const BEL = 0x07;

type Sequence = 'harmless' | 'may ask' | 'unfinished';

export class QueryPieces {
  /** Where the sequence began that the last chunk did not end. */
  #unfinished: number | undefined;

  /** The pieces in order; together they are `bytes`, whose first one is at `position`. */
  cut(bytes: Uint8Array, position: number): QueryPiece[] {
    const pieces: QueryPiece[] = [];
    let start = 0;
    let name = this.#unfinished ?? position;
    this.#unfinished = undefined;
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] !== ESC && bytes[at] !== C1_LEAD) continue;
      const sequence = judge(bytes, at);
      if (sequence === 'harmless') continue;
      if (at > start) pieces.push({ position: name, bytes: bytes.subarray(start, at) });
      start = at;
      name = position + at;
      if (sequence === 'unfinished') this.#unfinished = name;
    }
    if (start < bytes.length) pieces.push({ position: name, bytes: bytes.subarray(start) });
    return pieces;
  }
}

function judge(bytes: Uint8Array, at: number): Sequence {
  const second = bytes[at + 1];
  if (second === undefined) return 'unfinished';
  // C1 controls are U+0080 to U+009F; each stands for ESC and the letter 0x40 below.
  if (bytes[at] === C1_LEAD && (second < 0x80 || second > 0x9f)) return 'harmless';
  const kind = bytes[at] === C1_LEAD ? second - 0x40 : second;
  if (kind === CSI) {
    let end = at + 2;
    while (bytes[end] >= 0x20 && bytes[end] <= 0x3f) end++;
    if (end >= bytes.length) return 'unfinished';
    return FINALS.has(bytes[end]) ? 'may ask' : 'harmless';
  }
  if (!STRINGS.includes(kind)) return 'harmless';
  for (let end = at + 2; end < bytes.length; end++) {
    if (bytes[end] === BEL || bytes[end] === ESC) return 'may ask';
  }
  return 'unfinished';
}
