import { describe, expect, it, vi } from 'vitest';
import { macProblem, randomMac } from './mac.ts';

describe('MAC addresses', () => {
  it('are made unlike those that are taken', () => {
    const bytes = [Uint8Array.of(1, 2, 3), Uint8Array.of(0xab, 0, 9)];
    vi.spyOn(crypto, 'getRandomValues').mockImplementation((into) => {
      (into as unknown as Uint8Array).set(bytes.shift()!);
      return into;
    });
    expect(randomMac(new Set(['52:54:00:01:02:03']))).toBe('52:54:00:ab:00:09');
    vi.restoreAllMocks();
    expect(macProblem(randomMac(new Set()), new Set())).toBeUndefined();
  });

  it('are judged as they are typed', () => {
    const taken = new Set(['52:54:00:00:00:01']);
    expect(macProblem(' 52:54:00:AB:cd:EF ', taken)).toBeUndefined();
    expect(macProblem('52:54:00:00:00:01', taken)).toContain('Another');
    expect(macProblem('52-54-00-00-00-01', taken)).toContain('hexadecimal');
    expect(macProblem('', taken)).toContain('hexadecimal');
    expect(macProblem('53:54:00:00:00:02', taken)).toContain('even');
    expect(macProblem('00:00:00:00:00:00', taken)).toContain('Zeros');
  });
});
