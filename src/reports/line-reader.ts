// Cuts serial output into lines, however it arrives.

/** A line that is longer is no line but noise: what came of it so far is dropped. */
const LONGEST = 4096;

export class LineReader {
  readonly #decoder = new TextDecoder('latin1');
  #rest = '';

  /** @returns the lines that end in these bytes, without their line feed */
  read(bytes: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes)).split('\n');
    const rest = lines.pop() ?? '';
    this.#rest = rest.length > LONGEST ? '' : rest;
    return lines;
  }

  /** Output is missing here: what comes next does not continue the line. */
  reset(): void {
    this.#rest = '';
  }
}
