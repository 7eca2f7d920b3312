import { describe, expect, test } from 'vitest';
import { translated } from '../devices/i8042/scan-translation.ts';
import { KEYS, keyOf } from './key-table.ts';
import { KEYBOARD_LAYOUTS, type LayoutName, POSITIONS } from './keyboard-layouts.ts';
import { MONITOR_KEYS, monitorKeys } from './monitor-keys.ts';
import { typedText, UntypableError } from './typed-text.ts';

describe('the table of keys', () => {
  test('has each key and each code of a set once', () => {
    expect(new Set(KEYS.map(({ code }) => code)).size).toBe(KEYS.length);
    for (const set of [1, 2, 3]) {
      const codes = KEYS.map(({ make }) => make[set]).filter((code) => code !== undefined);
      // Zenkaku/Hankaku and F24 are one key.
      expect(new Set(codes).size, `set ${set}`).toBe(codes.length);
    }
  });

  test('set 1 is set 2 as the controller translates it', () => {
    for (const { code, make } of KEYS) {
      const [, one, two] = make;
      if (one === undefined || two === undefined) continue;
      expect((two & 0xff00) | translated(two & 0xff, false), code).toBe(one);
    }
  });

  test('fits into what saved forms have for it', () => {
    expect(KEYS.length).toBeLessThanOrEqual(256);
  });
});

describe('keyboard layouts', () => {
  const layouts = Object.keys(KEYBOARD_LAYOUTS) as LayoutName[];

  test.each(layouts)('%s has a place for each key', (name) => {
    const { plain, shift, altGr } = KEYBOARD_LAYOUTS[name];
    expect([plain.length, shift.length]).toEqual([POSITIONS.length, POSITIONS.length]);
    expect([0, POSITIONS.length]).toContain(altGr.length);
  });

  test.each(layouts)('%s types all of ASCII', (name) => {
    const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, n) => 32 + n));
    expect(typedText(ascii, name)).toHaveLength(95);
  });

  test('positions are keys', () => {
    expect(POSITIONS.filter((code) => !keyOf(code))).toEqual([]);
  });
});

describe('text as keys', () => {
  const shown = (text: string, layout: LayoutName, capsLock = false) =>
    typedText(text, layout, { capsLock }).map((keys) =>
      keys.map(({ code, shift, altGr }) => `${shift ? 'S-' : ''}${altGr ? 'A-' : ''}${code}`).join(' '),
    );

  test('line ends of all kinds are Enter', () => {
    expect(shown('a\r\nb\rc\n', 'us')).toEqual(['KeyA', 'Enter', 'KeyB', 'Enter', 'KeyC', 'Enter']);
  });

  test('goes by what the country has on the key', () => {
    expect(shown('yz', 'de')).toEqual(['KeyZ', 'KeyY']);
    expect(shown('aq1', 'fr')).toEqual(['KeyQ', 'KeyA', 'S-Digit1']);
    expect(shown('@', 'gb')).toEqual(['S-Quote']);
    expect(shown('@{', 'es')).toEqual(['A-Digit2', 'A-Quote']);
  });

  test('dead keys are followed by the letter, or a space for the accent alone', () => {
    expect(shown('ê^é', 'de')).toEqual(['Backquote KeyE', 'Backquote Space', 'Equal KeyE']);
    expect(shown('ñÃ', 'br')).toEqual(['Quote KeyN', 'Quote S-KeyA']);
    expect(shown('é', 'fr')).toEqual(['Digit2']);
    expect(shown('e\u0301', 'es')).toEqual(['Quote KeyE']);
  });

  test('with Caps Lock letters have Shift the other way round, other keys do not', () => {
    expect(shown('aB1!ö', 'de', true)).toEqual(['S-KeyA', 'KeyB', 'Digit1', 'S-Digit1', 'S-Semicolon']);
    expect(shown('1é', 'fr', true)).toEqual(['S-Digit1', 'Digit2']);
  });

  test('what a layout lacks is named', () => {
    expect(() => typedText('aé→', 'us')).toThrow(UntypableError);
    expect(() => typedText('aé→\u0007', 'us')).toThrow('A US English keyboard has no key for “é”, “→”, U+0007.');
  });
});

describe('the monitor’s names', () => {
  test('are of keys that there are', () => {
    expect([...MONITOR_KEYS.values()].filter((code) => !keyOf(code))).toEqual([]);
    expect(MONITOR_KEYS.get('a')).toBe('KeyA');
    expect(['1', 'f12', 'kp_0', 'spc', 'ret'].map((name) => MONITOR_KEYS.get(name))).toEqual([
      ...['Digit1', 'F12', 'Numpad0', 'Space', 'Enter'],
    ]);
  });

  test('are pressed together with dashes between them', () => {
    expect(monitorKeys('ctrl-alt-delete')).toEqual(['ControlLeft', 'AltLeft', 'Delete']);
    expect(() => monitorKeys('ctrl-strg')).toThrow('there is no key "strg"');
  });
});
