import { expect, test } from 'vitest';
import { StateError } from './device.ts';
import { requireForm } from './saved-form.ts';

const template = { version: 3, on: true, list: [] as number[], ram: new Uint8Array(4), inner: { count: 1 } };
const good = { version: 3, on: false, list: [1, 2], ram: new Uint8Array(4), inner: { count: 9 } };

test('accepts a form of the same structure, also after a structured clone', () => {
  expect(requireForm('x', good, template)).toBe(good);
  expect(requireForm('x', structuredClone(good), template)).toEqual(good);
});

test.each([
  ['undefined', undefined, /version undefined/],
  ['a newer version', { ...good, version: 4 }, /version 4.*reads version 3/],
  ['a missing field', { version: 3, on: true, list: [], ram: new Uint8Array(4) }, /inner/],
  ['a field of another type', { ...good, on: 1 }, /on/],
  ['a typed array of another length', { ...good, ram: new Uint8Array(5) }, /ram/],
  ['an array for bytes', { ...good, ram: [0, 0, 0, 0] }, /ram/],
  ['a wrong field inside', { ...good, inner: { count: 'many' } }, /inner\.count/],
  ['no number', { ...good, inner: { count: Number.NaN } }, /inner\.count/],
  ['null', { ...good, inner: null }, /inner/],
])('refuses %s, naming device and reason', (_, form, reason) => {
  expect(() => requireForm('the device', form, template)).toThrow(StateError);
  expect(() => requireForm('the device', form, template)).toThrow(reason);
  expect(() => requireForm('the device', form, template)).toThrow(/the device/);
});
