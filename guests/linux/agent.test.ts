import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('the agent’s binary is made from its present source', () => {
  const source = readFileSync(new URL('agent.c', import.meta.url));
  const expected = `source-sha256:${createHash('sha256').update(source).digest('hex')}`;
  expect(readFileSync(new URL('agent', import.meta.url)).includes(expected)).toBe(true);
});
