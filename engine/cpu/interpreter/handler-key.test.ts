import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { Decoder, NeedBytes } from '../isa/decoder.ts';
import type { Instruction } from '../isa/instruction.ts';
import { handlerKey } from './handler-key.ts';

const MODES = [
  0,
  L.MODE_REAL,
  L.MODE_CS32,
  L.MODE_SS32,
  L.MODE_CS32 | L.MODE_SS32,
  L.MODE_CS32 | L.MODE_SS32 | L.MODE_FLAT,
];
const PREFIXES = [0x26, 0x36, 0x64, 0x66, 0x67, 0xf2, 0xf3];

/** Prefixes, perhaps an escape, an opcode, and bytes that may be anything. */
const encoding = fc
  .tuple(
    fc.array(fc.constantFrom(...PREFIXES), { maxLength: 3 }),
    fc.constantFrom([], [], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 12, maxLength: 12 }),
  )
  .map((parts) => new Uint8Array(parts.flat()));

describe('the shape of an instruction', () => {
  it('says which handler runs it', () => {
    const decoder = new Decoder();
    const keys = new Map<number, string>();
    fc.assert(
      fc.property(encoding, fc.constantFrom(...MODES), (bytes, mode) => {
        let instruction: Instruction;
        try {
          instruction = decoder.decode(bytes, 0, mode);
        } catch (error) {
          if (error instanceof NeedBytes) return;
          throw error;
        }
        const key = handlerKey(instruction);
        expect(keys.get(instruction.shape) ?? key).toBe(key);
        keys.set(instruction.shape, key);
      }),
      { numRuns: 30_000, seed: 1 },
    );
    expect(keys.size).toBeGreaterThan(3000);
  });
});
