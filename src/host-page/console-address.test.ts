import { expect, it } from 'vitest';
import { consoleAddress } from './console-address.ts';

it('the console is the host’s page without what makes it a host', () => {
  expect(consoleAddress('https://site/a/?host&name=x&memory=512#y')).toBe('https://site/a/');
  expect(consoleAddress('http://localhost:5173/?simulate&host')).toBe('http://localhost:5173/?simulate');
});
