// A line of assembly language or WebAssembly text taken apart for light colouring.

export type TokenKind = 'plain' | 'control' | 'name' | 'number' | 'quiet';

export interface Token {
  text: string;
  kind: TokenKind;
}

const REGISTER = /^(e?[abcd]x|[abcd][lh]|e?[sd]i|e?[sb]p|[cdefgs]s|st|x?mm\d|[cd]r\d)$/;
const CONTROL =
  /^(block|loop|if|else|end|br|br_if|br_table|return|return_call|return_call_indirect|call|unreachable|j[a-z]+|loop[a-z]*|ret[fd]?|iret|int\d?|sysenter|sysexit)$/;
const QUIET = /^([A-Z]+|PTR|offset=\d+|align=\d+)$/;
const PIECE = /;;.*|(?:offset|align)=\d+|\$[\w.$]+|-?0x[0-9a-f]+|-?\b\d+\b|[A-Za-z_][\w.]*|[^\w$;-]+|./g;

export function tokens(line: string): Token[] {
  return [...line.matchAll(PIECE)].map(([text]) => ({ text, kind: kindOf(text) }));
}

function kindOf(text: string): TokenKind {
  if (text.startsWith('$') || REGISTER.test(text)) return 'name';
  if (/^-?\d/.test(text)) return 'number';
  if (CONTROL.test(text)) return 'control';
  return text.startsWith(';;') || QUIET.test(text) ? 'quiet' : 'plain';
}
