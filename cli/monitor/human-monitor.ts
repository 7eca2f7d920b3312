// The human monitor: a prompt, a line that can be edited, and what the commands print. Works on the byte stream of one terminal or
// connection. Commands are carried out one after the other.

import { commandsWith, humanCommand, VERSION } from './human-commands.ts';
import { MonitorPointer } from './keys.ts';
import type { Machine } from './machine.ts';

const PROMPT = '(qemu) ';
/** Longer lines end there. */
const LONGEST_LINE = 4096;
const HISTORY = 100;
const ARROWS: Readonly<Record<string, -1 | 1>> = { A: -1, B: 1 };

export class HumanMonitor {
  readonly #machine: Machine;
  readonly #write: (text: string) => void;
  readonly #pointer = new MonitorPointer();
  #line = '';
  #history: string[] = [];
  /** Of the line of the history that is shown; the history's length: the one that is typed. */
  #at = 0;
  /** What of an escape sequence has come. */
  #escape = '';
  #lastWasReturn = false;
  #work: Promise<void> = Promise.resolve();

  /** `write`: text with bare line ends. */
  constructor(machine: Machine, write: (text: string) => void) {
    this.#machine = machine;
    this.#write = write;
  }

  start(): void {
    this.#write(`tabvisor ${VERSION} monitor - type 'help' for more information\n${PROMPT}`);
  }

  /** Again, when the terminal shows the monitor again. */
  prompt(): void {
    this.#write(`${PROMPT}${this.#line}`);
  }

  /** Resolves when all commands so far are done. */
  settled(): Promise<void> {
    return this.#work;
  }

  input(bytes: Uint8Array): void {
    for (const char of new TextDecoder('latin1').decode(bytes)) this.#key(char);
  }

  #key(char: string): void {
    if (this.#escape !== '') {
      this.#escaped(char);
      return;
    }
    const afterReturn = this.#lastWasReturn;
    this.#lastWasReturn = char === '\r';
    if (char === '\n' && afterReturn) return;
    if (char === '\r' || char === '\n') this.#enter();
    else if (char === '\x1b') this.#escape = char;
    else if (char === '\b' || char === '\x7f') this.#erase();
    // Ctrl-U and Ctrl-C
    else if (char === '\x15' || char === '\x03') this.#replace('');
    else if (char === '\t') this.#complete();
    else if (char >= ' ' && this.#line.length < LONGEST_LINE) {
      this.#line += char;
      this.#write(char);
    }
  }

  /** Arrows up and down are ESC [ A and ESC [ B (ECMA-48, 8.3.22 and 8.3.19); others are ignored. */
  #escaped(char: string): void {
    this.#escape += char;
    if (
      this.#escape === '\x1b[' ||
      (this.#escape.startsWith('\x1b[') && /[0-9;]/.test(char) && this.#escape.length < 16)
    )
      return;
    const step = this.#escape.startsWith('\x1b[') ? ARROWS[char] : undefined;
    this.#escape = '';
    if (step === undefined) return;
    const at = this.#at + step;
    if (at < 0 || at > this.#history.length) return;
    this.#at = at;
    this.#replace(this.#history[at] ?? '');
  }

  #erase(): void {
    if (this.#line === '') return;
    this.#line = this.#line.slice(0, -1);
    this.#write('\b \b');
  }

  #replace(line: string): void {
    this.#write('\b \b'.repeat(this.#line.length) + line);
    this.#line = line;
  }

  #complete(): void {
    const names = commandsWith(this.#line);
    if (names.length === 1) this.#replace(`${names[0]} `);
    else if (names.length > 1) this.#write(`\n${names.join(' ')}\n${PROMPT}${this.#line}`);
  }

  #enter(): void {
    const line = this.#line;
    this.#line = '';
    if (line.trim() !== '') this.#history = [...this.#history, line].slice(-HISTORY);
    this.#at = this.#history.length;
    this.#write('\n');
    this.#work = this.#work.then(() => this.#run(line));
  }

  async #run(line: string): Promise<void> {
    try {
      this.#write(await humanCommand(line, { machine: this.#machine, pointer: this.#pointer }));
    } catch (error) {
      this.#write(`Error: ${(error as Error).message}\n`);
    }
    this.#write(PROMPT);
  }
}
