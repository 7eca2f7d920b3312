import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as L from '../abi/layout.ts';
import { CODE_TABLE_SIZE, CodeTable } from './code-table.ts';

const CPU = 0;
const BASE = 0x40000;
const MODE = 3;

function table(): { table: CodeTable; target: (physical: number, mode?: number) => number | undefined } {
  const words = new Uint32Array((BASE + CODE_TABLE_SIZE) >>> 2);
  const made = new CodeTable(words, BASE, CPU);
  const field = (at: number, offset: number): number => words[(at + offset) >>> 2]!;
  // As cpu/monitor/dispatch/code-table.ts looks.
  const target = (physical: number, mode = MODE): number | undefined => {
    const index = Math.imul(physical ^ (mode << 24), L.CT_HASH) >>> (32 - L.CT_BITS);
    for (const place of [index, index ^ 1]) {
      const at = BASE + place * L.CT_ENTRY_SIZE;
      if (field(at, L.CT_PHYSICAL) === physical && field(at, L.CT_MODE) === (mode | L.CT_VALID))
        return field(at, L.CT_TARGET);
    }
    return undefined;
  };
  return { table: made, target };
}

/** Addresses with the same first place. */
function colliding(count: number): number[] {
  const place = (physical: number): number => Math.imul(physical ^ (MODE << 24), L.CT_HASH) >>> (32 - L.CT_BITS);
  const found: number[] = [];
  for (let physical = 0x1000; found.length < count; physical++)
    if (place(physical) === place(0x1000)) found.push(physical);
  return found;
}

describe('the code table', () => {
  it('keeps what a newer entry displaces', () => {
    const { table: made, target } = table();
    const [first, second, third] = colliding(3) as [number, number, number];
    made.publish(first, MODE, 1, 0, []);
    made.publish(second, MODE, 2, 0, []);
    expect([first, second].map((at) => target(at))).toEqual([1, 2]);
    made.publish(third, MODE, 3, 0, []);
    expect([first, second, third].map((at) => target(at))).toEqual([undefined, 2, 3]);
  });

  it('says the last that was published of an address, and nothing once it is withdrawn', () => {
    const addresses = colliding(4);
    const action = fc.record({
      kind: fc.constantFrom('publish', 'publish', 'withdraw'),
      physical: fc.constantFrom(...addresses),
      target: fc.integer({ min: 1, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const { table: made, target } = table();
        const last = new Map<number, number>();
        for (const { kind, physical, target: to } of actions) {
          if (kind === 'publish') {
            made.publish(physical, MODE, to, 0, []);
            last.set(physical, to);
            expect(target(physical)).toBe(to);
          } else {
            made.withdraw(physical, MODE);
            last.delete(physical);
          }
          for (const at of addresses) expect([undefined, last.get(at)]).toContain(target(at));
        }
      }),
      { numRuns: 50 },
    );
  });
});
