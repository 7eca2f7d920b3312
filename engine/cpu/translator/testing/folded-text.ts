// WebAssembly's stack code as one line for each statement, its operands nested: a third of the lines, and readable in a diff.

import { fieldOf } from '../../abi/field-names.ts';

/** Of functions, by name: how many parameters, and whether there is a result. */
export type Signatures = Map<string, { count: number; result: boolean }>;

/** How many operands an instruction takes; what is not listed takes two. */
const OPERANDS: readonly [pattern: RegExp, count: number][] = [
  [/^(local\.get|global\.get|[iv]\d+\.const|f\d+\.const|unreachable|end|else|br|block|loop)$/, 0],
  [/load_lane|store|replace_lane|shuffle/, 2],
  [/^select$|bitselect/, 3],
  [/load|^local\.(set|tee)$|^(if|br_if|br_table|return|drop)$/, 1],
  [
    /\.(eqz|clz|ctz|popcnt|wrap|extend|convert|trunc|neg|abs|sqrt|ceil|floor|nearest|reinterpret|promote|demote|splat)/,
    1,
  ],
  [/\.(any_true|all_true|bitmask|not|extract_lane)/, 1],
];
const STATEMENT = /store|^local\.set$|^(if|else|end|block|loop|br|br_if|br_table|return|return_call|drop|unreachable)$/;

export class FoldedText {
  readonly lines: string[] = [];
  readonly #signatures: Signatures;
  #stack: string[] = [];

  constructor(signatures: Signatures) {
    this.#signatures = signatures;
  }

  note(text: string): void {
    this.#flush('');
    this.lines.push(`;; ${text}`);
  }

  /** One line of the disassembler. */
  add(line: string): void {
    const [indent = ''] = /^ */.exec(line)!;
    const [opcode = '', ...rest] = line.trim().split(' ');
    const called = opcode.includes('call') ? this.#signatures.get(rest[0]) : undefined;
    const count = called?.count ?? OPERANDS.find(([pattern]) => pattern.test(opcode))?.[1] ?? 2;
    const operands = this.#stack.splice(Math.max(this.#stack.length - count, 0));
    const field = fieldOf(line);
    const immediates = rest
      .filter((text) => !text.startsWith('align='))
      .map((text) => (field !== undefined && text.startsWith('offset=') ? `[${field}]` : text));
    const text = [opcode, ...immediates, ...operands].join(' ');
    if (opcode === 'local.get' || opcode === 'i32.const') this.#stack.push(immediates[0]);
    else if (opcode === 'local.set') this.#statement(indent, `${immediates[0]} = ${operands[0]}`);
    else if (STATEMENT.test(opcode) || (called && !called.result)) this.#statement(indent, text);
    else this.#stack.push(`(${text})`);
  }

  #statement(indent: string, text: string): void {
    this.#flush(indent);
    this.lines.push(indent + text);
  }

  /** What a statement does not take: it is an operand of a later one, and stands here since it is computed here. */
  #flush(indent: string): void {
    for (const value of this.#stack) if (value.includes('(')) this.lines.push(`${indent}push ${value}`);
    this.#stack = this.#stack.map((value) => (value.includes('(') ? 'pushed' : value));
  }
}
