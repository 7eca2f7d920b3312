// Cuts a stream of JSON objects, with or without anything between them, into the text of each. RFC 8259 is JSON.parse's business: only
// braces and strings are looked at here.

/** Longer objects are refused: the stream starts anew. */
const LONGEST_OBJECT = 1 << 20;

export class JsonStream {
  #text = '';
  #depth = 0;
  #inString = false;
  #escaped = false;
  readonly #decoder = new TextDecoder();

  /** The objects that are whole now. What is no object, up to the end of its line, comes as it is. */
  feed(bytes: Uint8Array): string[] {
    const whole: string[] = [];
    for (const char of this.#decoder.decode(bytes, { stream: true })) {
      if (this.#text === '' && /\s/.test(char)) continue;
      this.#text += char;
      const ended = this.#depth === 0 && this.#text[0] !== '{' ? char === '\n' : this.#endsAt(char);
      if (!ended && this.#text.length <= LONGEST_OBJECT) continue;
      whole.push(this.#text.trim());
      this.#text = '';
      this.#depth = 0;
      this.#inString = false;
    }
    return whole;
  }

  /** Is the outermost object closed by this character? */
  #endsAt(char: string): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (char === '\\') this.#escaped = true;
      else if (char === '"') this.#inString = false;
      return false;
    }
    if (char === '"') this.#inString = true;
    else if (char === '{' || char === '[') this.#depth++;
    else if (char === '}' || char === ']') this.#depth--;
    return this.#depth <= 0;
  }
}
