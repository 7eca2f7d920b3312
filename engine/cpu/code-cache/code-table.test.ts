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
    for (let way = 0; way < L.CT_WAYS; way++) {
      const at = BASE + ((index & -L.CT_WAYS) + way) * L.CT_ENTRY_SIZE;
      if (field(at, L.CT_PHYSICAL) === physical && field(at, L.CT_MODE) === (mode | L.CT_VALID))
        return field(at, L.CT_TARGET);
    }
    return undefined;
  };
  return { table: made, target };
}

/** Addresses of the same set. */
function colliding(count: number): number[] {
  const set = (physical: number): number =>
    (Math.imul(physical ^ (MODE << 24), L.CT_HASH) >>> (32 - L.CT_BITS)) & -L.CT_WAYS;
  const found: number[] = [];
  for (let physical = 0x1000; found.length < count; physical++) if (set(physical) === set(0x1000)) found.push(physical);
  return found;
}

describe('the code table', () => {
  it('keeps the latest entries of a set', () => {
    const { table: made, target } = table();
    const addresses = colliding(L.CT_WAYS + 1);
    for (const [n, at] of addresses.entries()) made.publish(at, MODE, n + 1, 0, []);
    expect(addresses.map((at) => target(at))).toEqual([undefined, 2, 3, 4, 5]);
  });

  it('takes the place of one that was withdrawn before it drops another', () => {
    const { table: made, target } = table();
    const addresses = colliding(L.CT_WAYS + 1);
    for (const at of addresses.slice(0, L.CT_WAYS)) made.publish(at, MODE, 7, 0, []);
    made.withdraw(addresses[2]!, MODE);
    made.publish(addresses[L.CT_WAYS]!, MODE, 7, 0, []);
    expect(addresses.map((at) => target(at))).toEqual([7, 7, undefined, 7, 7]);
  });

  it('keeps every entry for which there is a place, and the last one that was published always', () => {
    const addresses = colliding(L.CT_WAYS + 3);
    const action = fc.record({ publish: fc.boolean(), physical: fc.constantFrom(...addresses) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const { table: made, target } = table();
        // By age, the latest first.
        let expected: number[] = [];
        for (const { publish, physical } of actions) {
          if (!publish) {
            made.withdraw(physical, MODE);
            expected = expected.filter((at) => at !== physical);
          } else {
            made.publish(physical, MODE, 1, 0, []);
            if (!expected.includes(physical)) expected = [physical, ...expected].slice(0, L.CT_WAYS);
          }
          expect(addresses.filter((at) => target(at) !== undefined).sort()).toEqual([...expected].sort());
        }
      }),
    );
  });

  it('says the last that was published of an address, and nothing once it is withdrawn', () => {
    const addresses = colliding(L.CT_WAYS + 2);
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
