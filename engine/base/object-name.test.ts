import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from './decode.ts';
import { labelOf, MAXIMUM_NAME, nameKey, nameProblem, objectName, tidyName, vmNameConflict } from './object-name.ts';

describe('names', () => {
  it.each(['web1', 'Müller 2', '日本', 'شبكة', '👩‍💻', 'a'.repeat(MAXIMUM_NAME), ' padded '])('takes %j', (name) => {
    expect(nameProblem(name)).toBeUndefined();
  });

  it.each([
    ['', 'needed'],
    [' \u00a0 ', 'needed'],
    ['a'.repeat(MAXIMUM_NAME + 1), '63 characters'],
    ['a'.repeat(5000), '63 characters'],
    ['two\nlines', 'control'],
    ['nul\0', 'control'],
    ['tab\there', 'control'],
    ['\u202egnp.exe', 'seen'],
    ['zero\u200bwidth', 'seen'],
    ['isolate\u2066', 'seen'],
    ['byte order\ufeffmark', 'seen'],
    ['half \ud800 pair', 'control'],
    ['line\u2028separator', 'control'],
  ])('refuses %j', (name, why) => {
    expect(nameProblem(name)).toContain(why);
    expect(() => objectName(name, 'name')).toThrow(DecodeError);
  });

  it('keeps them tidy: NFC, no space at the ends, single spaces', () => {
    expect(objectName('  Mu\u0308ller   2 ', 'name')).toBe('M\u00fcller 2');
    expect(() => objectName(7, 'name')).toThrow('name is not a string');
  });

  it('are judged and tidied alike however often', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const once = tidyName(text);
        expect(tidyName(once)).toBe(once);
        expect(nameProblem(once)).toBe(nameProblem(text));
        expect(nameKey(once)).toBe(nameKey(text));
        if (nameProblem(text) === undefined) expect([...once].length).toBeLessThanOrEqual(MAXIMUM_NAME);
      }),
    );
  });

  it('are the same whatever the case or the width', () => {
    expect(nameKey('WEB1')).toBe(nameKey('web1'));
    expect(nameKey('ｗｅｂ１')).toBe(nameKey('web1'));
    expect(nameKey('web1')).not.toBe(nameKey('web2'));
  });
});

describe('names in DNS', () => {
  it('are labels, whatever the name is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (name) => {
        expect(labelOf(name)).toMatch(/^$|^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
    );
  });

  it('do not collide: neither VM names nor what DNS makes of them', () => {
    expect(vmNameConflict('web1', ['web2', 'client'])).toBeUndefined();
    expect(vmNameConflict('WEB1', ['web1'])).toBe('There is already a VM named web1.');
    expect(vmNameConflict('web 1', ['web-1'])).toBe('In DNS it would be web-1, as the VM web-1 is.');
    expect(vmNameConflict('Gateway', [])).toContain('gateway');
    expect(vmNameConflict('日本', ['中国'])).toBeUndefined();
  });
});
