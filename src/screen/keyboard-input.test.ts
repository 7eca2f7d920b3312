import { describe, expect, it } from 'vitest';
import type { InputEvent } from '../../engine/host/api.ts';
import { KeyboardInput } from './keyboard-input.ts';

/** `press` takes "+KeyA" for a key that goes down, "-KeyA" for one that comes up, "*KeyA" for one that repeats. */
function setup() {
  const sent: string[] = [];
  let left = 0;
  let prevented = 0;
  const push = (event: InputEvent) =>
    sent.push(event.kind === 'key' ? `${event.pressed ? '+' : '-'}${event.code}` : event.kind);
  const keyboard = new KeyboardInput(push, () => {
    left++;
  });
  const press = (keys: string) => {
    for (const key of keys.split(' ')) {
      const event = { code: key.slice(1), repeat: key.startsWith('*'), preventDefault: () => prevented++ };
      if (key.startsWith('-')) keyboard.up(event);
      else keyboard.down(event);
    }
  };
  return { keyboard, press, sent, left: () => left, prevented: () => prevented };
}

describe('keys', () => {
  it('go to the guest by position, and none to the browser', () => {
    const { press, sent, prevented } = setup();
    press('+ControlLeft +KeyT -KeyT -ControlLeft +F5 -F5');
    expect(sent.join(' ')).toBe('+ControlLeft +KeyT -KeyT -ControlLeft +F5 -F5');
    expect(prevented()).toBe(6);
  });

  it('do not repeat: the guest’s keyboard does that', () => {
    const { press, sent } = setup();
    press('+KeyA *KeyA *KeyA +KeyA -KeyA');
    expect(sent.join(' ')).toBe('+KeyA -KeyA');
  });

  it('that were pressed elsewhere are not released here', () => {
    const { press, sent } = setup();
    press('-Enter');
    expect(sent).toEqual([]);
  });

  it('that have no position go nowhere', () => {
    const { press, sent } = setup();
    press('+');
    expect(sent).toEqual([]);
  });

  it('are released together when the focus goes, once', () => {
    const { keyboard, press, sent } = setup();
    press('+AltLeft +Tab');
    keyboard.release();
    keyboard.release();
    expect(sent.join(' ')).toBe('+AltLeft +Tab release-all');
    press('-Tab');
    expect(sent).toHaveLength(3);
  });
});

describe('Ctrl and Alt', () => {
  it.each(['+ControlLeft +AltLeft -AltLeft -ControlLeft', '+AltLeft +ControlRight -AltLeft -ControlRight'])(
    'lead out when they come up: %s',
    (keys) => {
      const { press, left } = setup();
      press(keys);
      expect(left()).toBe(1);
    },
  );

  it.each([
    ['with another key', '+ControlLeft +AltLeft +Delete -Delete -AltLeft -ControlLeft'],
    ['with another key before', '+KeyA +ControlLeft +AltLeft -AltLeft -ControlLeft -KeyA'],
    ['as AltGr', '+ControlLeft +AltRight -AltRight -ControlLeft'],
    ['one after the other', '+ControlLeft -ControlLeft +AltLeft -AltLeft'],
  ])('do not %s', (_, keys) => {
    const { press, left } = setup();
    press(keys);
    expect(left()).toBe(0);
  });

  it('do not when the focus went meanwhile', () => {
    const { keyboard, press, left } = setup();
    press('+ControlLeft +AltLeft');
    keyboard.release();
    press('-AltLeft -ControlLeft');
    expect(left()).toBe(0);
  });
});
