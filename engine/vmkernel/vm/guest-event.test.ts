import { describe, expect, it } from 'vitest';
import { isGuestCondition, panicMessage } from './guest-event.ts';

describe('panicMessage', () => {
  it('finds the kernel’s line, as consoles show it', () => {
    for (const before of ['', '[    1.234567] ', '[  112.000001][  T42] ', '<0>', '<0>[    0.5] ']) {
      expect(panicMessage(`booting\r\n${before}Kernel panic - not syncing: no init\r\nmore\r\n`)).toBe(
        'Kernel panic - not syncing: no init',
      );
    }
  });

  it('takes the last one, and nothing that is quoted or half', () => {
    expect(panicMessage('Kernel panic - not syncing: a\nKernel panic - not syncing: b\n')).toContain(': b');
    expect(panicMessage('# echo Kernel panic - not syncing: a\n')).toBeUndefined();
    expect(panicMessage('---[ end Kernel panic - not syncing: a ]---\n')).toBeUndefined();
    expect(panicMessage('Kernel panic\n')).toBeUndefined();
  });
});

describe('isGuestCondition', () => {
  it('takes what a host may have sent, and nothing else', () => {
    expect(isGuestCondition({ kind: 'halted', detail: '' })).toBe(true);
    for (const wrong of [null, 1, {}, { kind: 'halted' }, { kind: 'crashed', detail: '' }])
      expect(isGuestCondition(wrong)).toBe(false);
  });
});
