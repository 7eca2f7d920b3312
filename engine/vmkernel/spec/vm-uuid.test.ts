import { expect, test } from 'vitest';
import { vmUuid } from './vm-uuid.ts';

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

test('is a UUID of version 8 that stays, and differs from VM to VM', () => {
  expect(hex(vmUuid('web-1'))).toBe(hex(vmUuid('web-1')));
  const ids = Array.from({ length: 200 }, (_, n) => hex(vmUuid(`web-${n}`)));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
});

// RFC 9923: the hash of "a" is d228cb696f1a8caf78912b704e4a8964.
test('is made by FNV-1a of 128 bits', () => {
  expect(hex(vmUuid('a'))).toBe('d228cb696f1a8cafb8912b704e4a8964');
});
