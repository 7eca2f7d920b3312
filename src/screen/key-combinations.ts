// Keys that a browser or its system keeps for itself, to be sent from a menu.

import type { InputEvent } from '../../engine/host/api.ts';

export interface KeyCombination {
  label: string;
  /** KeyboardEvent.code, in the order in which they are pressed. */
  codes: readonly string[];
}

const CTRL_ALT = ['ControlLeft', 'AltLeft'] as const;

export const KEY_COMBINATIONS: readonly KeyCombination[] = [
  { label: 'Ctrl-Alt-Del', codes: [...CTRL_ALT, 'Delete'] },
  { label: 'Ctrl-Alt-Backspace', codes: [...CTRL_ALT, 'Backspace'] },
  ...[1, 2, 3, 4, 5, 6, 7].map((n) => ({ label: `Ctrl-Alt-F${n}`, codes: [...CTRL_ALT, `F${n}`] })),
  { label: 'Alt-Tab', codes: ['AltLeft', 'Tab'] },
  { label: 'Alt-F4', codes: ['AltLeft', 'F4'] },
  { label: 'Ctrl-Esc', codes: ['ControlLeft', 'Escape'] },
  { label: 'Windows key', codes: ['MetaLeft'] },
  { label: 'Print Screen', codes: ['PrintScreen'] },
  { label: 'Alt-SysRq', codes: ['AltLeft', 'PrintScreen'] },
  { label: 'Pause', codes: ['Pause'] },
];

export function combinationEvents({ codes }: KeyCombination): InputEvent[] {
  const press = (pressed: boolean) => (code: string) => ({ kind: 'key', code, pressed }) as const;
  return [...codes.map(press(true)), ...codes.toReversed().map(press(false))];
}
