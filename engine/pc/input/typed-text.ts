// Text as the keys that type it on a keyboard of some country: what is pasted into a guest that has only a keyboard.

import type { TypedKey } from '../bus/input.ts';
import { KEYBOARD_LAYOUTS, type KeyboardLayout, type LayoutName, POSITIONS } from './keyboard-layouts.ts';

/** A layout lacks characters that were to be typed. The message is user-facing. */
export class UntypableError extends Error {
  override name = 'UntypableError';
}

export interface TypingOptions {
  /** Caps Lock is on in the guest: letters are typed with Shift the other way round. */
  capsLock?: boolean;
}

const CONTROLS: Readonly<Record<string, string>> = { '\n': 'Enter', '\t': 'Tab', ' ': 'Space', '\b': 'Backspace' };
const SPACE: TypedKey = { code: 'Space', shift: false, altGr: false };
/** What a dead key does to the next: its combining character (Unicode, NFD). */
const ACCENTS: Readonly<Record<string, string>> = {
  '`': '\u0300',
  '´': '\u0301',
  '^': '\u0302',
  '~': '\u0303',
  '¨': '\u0308',
};
/** Of what cannot be typed, named at most. */
const NAMED = 10;

interface Board {
  direct: ReadonlyMap<string, TypedKey>;
  /** By the accent's character. */
  dead: ReadonlyMap<string, TypedKey>;
}

/**
 * For each character its keys, in order; line ends (also CR LF and CR) are Enter. Throws UntypableError naming the characters that
 * the layout has no keys for.
 */
export function typedText(text: string, layout: LayoutName, { capsLock = false }: TypingOptions = {}): TypedKey[][] {
  const board = boardOf(KEYBOARD_LAYOUTS[layout]);
  const missing = new Set<string>();
  const typed: TypedKey[][] = [];
  for (const character of text.replaceAll(/\r\n?/g, '\n').normalize('NFC')) {
    const keys = keysOf(character, board);
    if (!keys) missing.add(character);
    else typed.push(capsLock ? keys.map((key) => withCapsLock(key, board)) : keys);
  }
  if (missing.size > 0) throw new UntypableError(untypable(layout, [...missing]));
  return typed;
}

export function isLayout(name: unknown): name is LayoutName {
  return typeof name === 'string' && Object.hasOwn(KEYBOARD_LAYOUTS, name);
}

function untypable(layout: LayoutName, missing: readonly string[]): string {
  const shown = missing.slice(0, NAMED).map(named).join(', ');
  const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
  return `A ${KEYBOARD_LAYOUTS[layout].name} keyboard has no key for ${shown}${more}.`;
}

function named(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return /^[\p{C}\p{Z}]$/u.test(character) ? `U+${code}` : `“${character}”`;
}

function keysOf(character: string, { direct, dead }: Board): TypedKey[] | undefined {
  const control = CONTROLS[character];
  if (control !== undefined) return [{ code: control, shift: false, altGr: false }];
  const key = direct.get(character);
  if (key) return [key];
  const accent = dead.get(character);
  if (accent) return [accent, SPACE];
  const [base, combining, ...others] = character.normalize('NFD');
  if (combining === undefined || others.length > 0) return undefined;
  const [mark] = [...dead].find(([spacing]) => ACCENTS[spacing] === combining) ?? [];
  const letter = direct.get(base);
  const before = mark === undefined ? undefined : dead.get(mark);
  return before && letter && [before, letter];
}

/** It changes keys that have a letter in both cases. */
function withCapsLock(key: TypedKey, { direct }: Board): TypedKey {
  const isLetter = [...direct].some(([character, { code, shift, altGr }]) => {
    const upper = direct.get(character.toUpperCase());
    return code === key.code && !shift && !altGr && upper?.code === code && upper.shift;
  });
  return isLetter && !key.altGr ? { ...key, shift: !key.shift } : key;
}

function boardOf({ plain, shift, altGr, dead, deadAltGr }: KeyboardLayout): Board {
  const direct = new Map<string, TypedKey>();
  const accents = new Map<string, TypedKey>();
  const rows: [string, string, Pick<TypedKey, 'shift' | 'altGr'>][] = [
    [plain, dead, { shift: false, altGr: false }],
    [shift, dead, { shift: true, altGr: false }],
    [altGr, deadAltGr, { shift: false, altGr: true }],
  ];
  for (const [row, deadOnes, modifiers] of rows) {
    for (const [n, character] of [...row].entries()) {
      if (character === ' ') continue;
      const into = deadOnes.includes(character) ? accents : direct;
      if (!into.has(character)) into.set(character, { code: POSITIONS[n], ...modifiers });
    }
  }
  return { direct, dead: accents };
}
