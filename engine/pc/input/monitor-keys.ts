// The names that QEMU's monitor gives to keys (`sendkey ctrl-alt-delete`): QKeyCode of its QAPI schema ("QEMU QMP Reference Manual",
// Input), for the keys that a PC keyboard has. Names separated by "-" are pressed together.

import { KEYS } from './key-table.ts';

const NAMES: Readonly<Record<string, string>> = {
  esc: 'Escape',
  minus: 'Minus',
  equal: 'Equal',
  backspace: 'Backspace',
  tab: 'Tab',
  bracket_left: 'BracketLeft',
  bracket_right: 'BracketRight',
  ret: 'Enter',
  ctrl: 'ControlLeft',
  semicolon: 'Semicolon',
  apostrophe: 'Quote',
  grave_accent: 'Backquote',
  shift: 'ShiftLeft',
  backslash: 'Backslash',
  comma: 'Comma',
  dot: 'Period',
  slash: 'Slash',
  shift_r: 'ShiftRight',
  asterisk: 'NumpadMultiply',
  kp_multiply: 'NumpadMultiply',
  alt: 'AltLeft',
  spc: 'Space',
  caps_lock: 'CapsLock',
  num_lock: 'NumLock',
  scroll_lock: 'ScrollLock',
  kp_subtract: 'NumpadSubtract',
  kp_add: 'NumpadAdd',
  kp_decimal: 'NumpadDecimal',
  less: 'IntlBackslash',
  kp_equals: 'NumpadEqual',
  kp_enter: 'NumpadEnter',
  ctrl_r: 'ControlRight',
  kp_divide: 'NumpadDivide',
  alt_r: 'AltRight',
  home: 'Home',
  up: 'ArrowUp',
  pgup: 'PageUp',
  left: 'ArrowLeft',
  right: 'ArrowRight',
  end: 'End',
  down: 'ArrowDown',
  pgdn: 'PageDown',
  insert: 'Insert',
  delete: 'Delete',
  meta_l: 'MetaLeft',
  meta_r: 'MetaRight',
  menu: 'ContextMenu',
  compose: 'ContextMenu',
  print: 'PrintScreen',
  sysrq: 'PrintScreen',
  pause: 'Pause',
  power: 'Power',
  sleep: 'Sleep',
  wake: 'WakeUp',
  ro: 'IntlRo',
  yen: 'IntlYen',
  katakanahiragana: 'KanaMode',
  hiragana: 'Lang4',
  henkan: 'Convert',
  muhenkan: 'NonConvert',
  kp_comma: 'NumpadComma',
  lang1: 'Lang1',
  lang2: 'Lang2',
  audionext: 'MediaTrackNext',
  audioprev: 'MediaTrackPrevious',
  audiostop: 'MediaStop',
  audioplay: 'MediaPlayPause',
  audiomute: 'AudioVolumeMute',
  volumedown: 'AudioVolumeDown',
  volumeup: 'AudioVolumeUp',
  mediaselect: 'MediaSelect',
  mail: 'LaunchMail',
  computer: 'LaunchApp1',
  calculator: 'LaunchApp2',
  find: 'BrowserSearch',
  ac_home: 'BrowserHome',
  ac_back: 'BrowserBack',
  ac_forward: 'BrowserForward',
  ac_refresh: 'BrowserRefresh',
  ac_bookmarks: 'BrowserFavorites',
  undo: 'Undo',
  paste: 'Paste',
  cut: 'Cut',
  copy: 'Copy',
  help: 'Help',
};

/** KeyA is a, Digit1 is 1, Numpad1 is kp_1, F1 is f1. */
function namesakes(code: string): [string, string][] {
  const match = /^(?:Key([A-Z])|Digit(\d)|Numpad(\d)|(F\d+))$/.exec(code);
  if (!match) return [];
  const [, letter, digit, numpad, fn] = match;
  return [[letter?.toLowerCase() ?? digit ?? (numpad === undefined ? fn.toLowerCase() : `kp_${numpad}`), code]];
}

/** Name → KeyboardEvent.code. */
export const MONITOR_KEYS: ReadonlyMap<string, string> = new Map([
  ...Object.entries(NAMES),
  ...KEYS.flatMap(({ code }) => namesakes(code)),
]);

/** The keys to press together, in that order. Throws an Error that names the key which is not known. */
export function monitorKeys(combination: string): string[] {
  return combination.split('-').map((name) => {
    const code = MONITOR_KEYS.get(name);
    if (code === undefined) throw new Error(`there is no key "${name}"`);
    return code;
  });
}
