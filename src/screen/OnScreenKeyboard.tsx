// A keyboard to be touched, for where there is none: a US one. Modifiers stay down until the next key; with Shift, the caps show what it types.
// Fn gives the function keys in place of the digits, and what a keyboard has beside its letters in place of the arrows.
import { useEffect, useRef, useState } from 'react';
import type { InputEvent } from '../../engine/host/api.ts';

interface Cap {
  code: string;
  label: string;
  /** With Shift, if it is another than the label. */
  shifted?: string;
  /** In widths of a letter. */
  width?: number;
  /** With Fn. */
  fn?: Pick<Cap, 'code' | 'label'>;
}

const caps = (codes: string, labels: string, shifted = ''): Cap[] =>
  codes
    .split(' ')
    .map((code, n) => ({ code, label: labels.split(' ')[n] ?? code, shifted: shifted.split(' ')[n] || undefined }));

const DIGITS: readonly Cap[] = [
  { code: 'Escape', label: 'Esc' },
  ...caps(
    'Backquote Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Minus Equal',
    '` 1 2 3 4 5 6 7 8 9 0 - =',
    '~ ! @ # $ % ^ & * ( ) _ +',
  ),
  { code: 'Backspace', label: '⌫', width: 1.5 },
];
const FUNCTIONS: readonly Cap[] = [
  { code: 'Escape', label: 'Esc' },
  ...caps('F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12', 'F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12'),
  { code: 'Insert', label: 'Ins' },
  { code: 'Delete', label: 'Del' },
];
const ROWS: readonly (readonly Cap[])[] = [
  [
    { code: 'Tab', label: 'Tab', width: 1.5 },
    ...caps(
      'KeyQ KeyW KeyE KeyR KeyT KeyY KeyU KeyI KeyO KeyP BracketLeft BracketRight Backslash',
      'q w e r t y u i o p [ ] \\',
      'Q W E R T Y U I O P { } |',
    ),
  ],
  [
    { code: 'CapsLock', label: 'Caps', width: 1.75 },
    ...caps(
      'KeyA KeyS KeyD KeyF KeyG KeyH KeyJ KeyK KeyL Semicolon Quote',
      "a s d f g h j k l ; '",
      'A S D F G H J K L : "',
    ),
    { code: 'Enter', label: 'Enter', width: 2 },
  ],
  [
    { code: 'ShiftLeft', label: 'Shift', width: 2.25 },
    ...caps('KeyZ KeyX KeyC KeyV KeyB KeyN KeyM Comma Period Slash', 'z x c v b n m , . /', 'Z X C V B N M < > ?'),
    { code: 'ArrowUp', label: '↑', fn: { code: 'PageUp', label: 'PgUp' } },
    { code: 'ShiftRight', label: 'Shift', width: 1.5 },
  ],
  [
    { code: 'ControlLeft', label: 'Ctrl', width: 1.5 },
    { code: 'MetaLeft', label: 'Win', width: 1.25 },
    { code: 'AltLeft', label: 'Alt', width: 1.25 },
    { code: 'Space', label: 'Space', width: 5 },
    { code: 'AltRight', label: 'AltGr', width: 1.25 },
    { code: 'ArrowLeft', label: '←', fn: { code: 'Home', label: 'Home' } },
    { code: 'ArrowDown', label: '↓', fn: { code: 'PageDown', label: 'PgDn' } },
    { code: 'ArrowRight', label: '→', fn: { code: 'End', label: 'End' } },
  ],
];

/** Where what is printed on a key says too little. */
const NAMES: Readonly<Record<string, string>> = {
  Backspace: 'Backspace',
  Delete: 'Delete',
  Insert: 'Insert',
  PageUp: 'Page Up',
  PageDown: 'Page Down',
  Escape: 'Escape',
  ShiftLeft: 'Left Shift',
  ShiftRight: 'Right Shift',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
};

const MODIFIERS = new Set(['ShiftLeft', 'ShiftRight', 'ControlLeft', 'MetaLeft', 'AltLeft', 'AltRight']);

export function OnScreenKeyboard({ push }: { push(event: InputEvent): void }) {
  const [held, setHeld] = useState<readonly string[]>([]);
  const [functions, setFunctions] = useState(false);
  const heldNow = useRef(held);
  heldNow.current = held;
  useEffect(
    () => () => {
      for (const code of heldNow.current) push({ kind: 'key', code, pressed: false });
    },
    [push],
  );
  const key = (code: string, pressed: boolean) => push({ kind: 'key', code, pressed });
  function touched(code: string) {
    if (MODIFIERS.has(code)) {
      const isHeld = held.includes(code);
      key(code, !isHeld);
      setHeld(isHeld ? held.filter((other) => other !== code) : [...held, code]);
      return;
    }
    key(code, true);
    key(code, false);
    for (const modifier of held) key(modifier, false);
    setHeld([]);
  }
  const shift = held.some((code) => code === 'ShiftLeft' || code === 'ShiftRight');
  const shown = (cap: Cap): Cap => (functions && cap.fn ? { ...cap, ...cap.fn } : cap);
  return (
    <fieldset className="tv-keyboard" aria-label="On-screen keyboard">
      {[functions ? FUNCTIONS : DIGITS, ...ROWS].map((row, n, rows) => (
        <div key={row[0]!.code} className="tv-keyboard-row">
          {row.map(shown).map(({ code, label, shifted, width = 1 }) => (
            <button
              key={code}
              type="button"
              className="tv-key"
              style={{ flexGrow: width }}
              aria-label={NAMES[code]}
              aria-pressed={MODIFIERS.has(code) ? held.includes(code) : undefined}
              // The screen keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => touched(code)}
            >
              {shift ? (shifted ?? label) : label}
            </button>
          ))}
          {n === rows.length - 1 && (
            <button
              type="button"
              className="tv-key"
              aria-label="Function keys"
              aria-pressed={functions}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => setFunctions(!functions)}
            >
              Fn
            </button>
          )}
        </div>
      ))}
    </fieldset>
  );
}
