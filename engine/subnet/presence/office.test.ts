// An office under deaths, freezes and sleep: a node holds it before long, and what a former holder says does not count.

import { describe, expect, it } from 'vitest';
import { every } from '../../base/timebase.ts';
import { Subnet } from '../carrier/subnet.ts';
import { TestTerms } from '../testing/test-terms.ts';
import { TestWire } from '../testing/test-wire.ts';
import { MemoryTerms } from './memory-terms.ts';
import { HOLD_MS, Office, TAKEOVER_TICKS, type TermLocks } from './office.ts';
import { TICK_MS } from './signs-of-life.ts';

/** Acts of all nodes: each with the term under which it was done. */
interface Lab {
  wire: TestWire;
  terms: TestTerms;
  offices: Map<string, Office>;
  /** In the order in which a receiver that checks terms took them. */
  accepted: { node: string; term: number }[];
  /** Moments at which two nodes that were not frozen would have acted. */
  doubles: string[];
}

const ACT_MS = 50;

function lab(nodes: string[]): Lab {
  const wire = new TestWire();
  const terms = new TestTerms(wire);
  const found: Lab = { wire, terms, offices: new Map(), accepted: [], doubles: [] };
  for (const id of nodes) join(found, id);
  return found;
}

/** As `lab`, on one subnet, with locks for each group that the others do not see. */
function labApart(...browsers: string[][]): Lab {
  const found = lab([]);
  for (const nodes of browsers) {
    const terms = new TestTerms(found.wire);
    for (const id of nodes) join(found, id, terms.of(id));
  }
  return found;
}

function join(found: Lab, id: string, locks: TermLocks = found.terms.of(id)): Office {
  const { wire, offices } = found;
  const timebase = wire.timebaseOf(id);
  const subnet = new Subnet({ nodeId: id, openPort: wire.portsOf(id) });
  let elected = false;
  const office = new Office({
    name: 'test',
    subnet,
    timebase,
    locks,
    onElected() {
      if (elected) throw new Error('elected twice');
      elected = true;
    },
    onDeposed() {
      if (!elected) throw new Error('deposed without having been elected');
      elected = false;
    },
  });
  offices.set(id, office);
  // An act is seen by the node that knows the highest term: the strictest receiver there can be.
  every(timebase, ACT_MS, () => {
    if (!office.mayAct()) return;
    const highest = Math.max(...[...offices.values()].map((other) => other.term));
    if (office.term === highest) found.accepted.push({ node: id, term: office.term });
    const others = [...offices].filter(([other, its]) => other !== id && its.mayAct() && its.term === office.term);
    if (others.length > 0) found.doubles.push(`${id} and ${others.map(([other]) => other)}`);
  });
  return office;
}

const holders = ({ offices }: Lab) => [...offices].filter(([, office]) => office.holding).map(([id]) => id);

describe('an office', () => {
  it('has one holder, whose terms count up', async () => {
    const found = lab(['a', 'b', 'c']);
    await found.wire.time.pass(20_000);
    expect(holders(found)).toEqual(['a']);
    expect([...found.offices.values()].map((office) => office.term)).toEqual([1, 1, 1]);
  });

  it('passes on at once when its holder ends or steps down', async () => {
    const found = lab(['a', 'b', 'c']);
    await found.wire.time.pass(10);
    found.wire.kill('a');
    await found.wire.time.pass(10);
    found.offices.delete('a');
    expect(holders(found)).toHaveLength(1);
    const [second] = holders(found);
    found.offices.get(second)!.close();
    await found.wire.time.pass(10);
    expect(holders(found)).toHaveLength(1);
    expect(holders(found)).not.toContain(second);
    expect(found.offices.get(holders(found)[0])!.term).toBe(3);
  });

  it('is taken over from a frozen holder, who finds out before it acts', async () => {
    const found = lab(['a', 'b', 'c']);
    await found.wire.time.pass(10_000);
    found.wire.freeze('a');
    await found.wire.time.pass((TAKEOVER_TICKS + 2) * TICK_MS);
    expect(holders(found)).toHaveLength(2);
    const acted = found.accepted.length;
    found.wire.thaw('a');
    const a = found.offices.get('a')!;
    expect(a.holding).toBe(true);
    expect(a.mayAct()).toBe(false);
    await found.wire.time.pass(5000);
    expect(a.holding).toBe(false);
    expect(holders(found)).toHaveLength(1);
    expect(found.accepted.slice(acted).map(({ node }) => node)).not.toContain('a');
    expect(found.doubles).toEqual([]);
  });

  it('is not taken over from a holder that was stopped for a moment, which then goes on', async () => {
    const found = lab(['a', 'b']);
    await found.wire.time.pass(10_000);
    found.wire.freeze('a');
    await found.wire.time.pass(HOLD_MS + 500);
    found.wire.thaw('a');
    await found.wire.time.pass(10_000);
    expect(holders(found)).toEqual(['a']);
    expect(found.offices.get('b')!.term).toBe(1);
  });

  it('does not change hands when the whole machine slept', async () => {
    const found = lab(['a', 'b', 'c', 'd']);
    for (let phase = 0; phase < TICK_MS; phase += 130) {
      await found.wire.time.pass(5000 + phase);
      for (const id of found.offices.keys()) found.wire.freeze(id);
      await found.wire.time.pass(3_600_000);
      // They wake one after the other.
      for (const id of ['d', 'c', 'b', 'a']) {
        found.wire.thaw(id);
        await found.wire.time.pass(70);
      }
      await found.wire.time.pass(10_000);
      expect(holders(found)).toEqual(['a']);
      expect(found.offices.get('d')!.term).toBe(1);
    }
  });

  it('passes over a node that froze while it claimed', async () => {
    for (let delay = 0; delay < 2; delay += 0.1) {
      const found = lab(['a', 'b', 'c']);
      await found.wire.time.pass(10_000);
      found.wire.kill('a');
      found.offices.delete('a');
      await found.wire.time.pass(delay);
      found.wire.freeze('b');
      await found.wire.time.pass(20_000);
      expect(holders(found)).toContain('c');
      const acted = found.accepted.length;
      found.wire.thaw('b');
      await found.wire.time.pass(10_000);
      expect(holders(found)).toEqual(['c']);
      expect(found.accepted.slice(acted).map(({ node }) => node)).not.toContain('b');
    }
  });

  it('goes to a higher term than a store or a frame has seen', async () => {
    const found = lab(['a']);
    await found.wire.time.pass(10);
    const a = found.offices.get('a')!;
    a.observe(41);
    expect(a.holding).toBe(false);
    await found.wire.time.pass(10);
    expect(a.holding).toBe(true);
    expect(a.term).toBe(42);
    expect(a.accepts(41)).toBe(false);
  });

  it('stands again after an error of the platform', async () => {
    const found = lab([]);
    const locks = new MemoryTerms();
    let failures = 3;
    const flaky = async <T>(work: Promise<T>): Promise<T> => {
      if (failures-- > 0) throw new Error('not now');
      return work;
    };
    const office = join(found, 'a', {
      latest: (name) => flaky(locks.latest(name)),
      claim: (name, term) => flaky(locks.claim(name, term)),
      watch: (name, term, onFree) => locks.watch(name, term, onFree),
    });
    await found.wire.time.pass(10_000);
    expect(office.holding).toBe(true);
  });

  it('has one accepted holder at any time, whoever freezes, thaws and dies when', async () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let round = 0; round < 30; round++) {
      const found = lab(['a', 'b', 'c', 'd']);
      const { wire, offices, accepted } = found;
      for (let step = 0; step < 30; step++) {
        await wire.time.pass(random() * 4000);
        const id = 'abcd'[Math.floor(random() * 4)];
        if (random() < 0.5) wire.freeze(id);
        else wire.thaw(id);
      }
      for (const id of ['a', 'b', 'c', 'd']) wire.thaw(id);
      await wire.time.pass(20_000);
      expect(holders(found)).toHaveLength(1);
      const terms = accepted.map(({ term }) => term);
      expect(terms).toEqual(terms.toSorted((x, y) => x - y));
      for (const term of new Set(terms)) {
        expect(new Set(accepted.filter((act) => act.term === term).map(({ node }) => node)).size).toBe(1);
      }
      expect(offices.get(holders(found)[0])!.term).toBe(Math.max(...terms));
      expect(found.doubles).toEqual([]);
    }
  });
});

describe('an office among nodes with different locks', () => {
  const termsOf = ({ offices }: Lab) => [...offices.values()].map((office) => office.term);

  it('has one holder, though each lock of a term is free elsewhere', async () => {
    for (const browsers of [
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      [
        ['c', 'd'],
        ['a', 'b'],
      ],
      [['d'], ['c'], ['b'], ['a']],
    ]) {
      const found = labApart(...browsers);
      await found.wire.time.pass(60_000);
      expect(holders(found)).toEqual(['a']);
      expect(termsOf(found)).toEqual([1, 1, 1, 1]);
      expect(found.doubles).toEqual([]);
    }
  });

  it('is not claimed from a living holder by a node that comes later and finds its lock free', async () => {
    const found = labApart(['c']);
    await found.wire.time.pass(10);
    found.offices.get('c')?.observe(7);
    await found.wire.time.pass(10_000);
    join(found, 'a', new TestTerms(found.wire).of('a'));
    await found.wire.time.pass(60_000);
    expect(holders(found)).toEqual(['c']);
    expect(termsOf(found)).toEqual([8, 8]);
  });

  it('passes on at once under the same locks, elsewhere after a silence', async () => {
    const found = labApart(['a', 'b'], ['c']);
    await found.wire.time.pass(10_000);
    found.wire.kill('a');
    found.offices.delete('a');
    await found.wire.time.pass(10);
    expect(holders(found)).toEqual(['b']);
    await found.wire.time.pass(10_000);
    found.wire.kill('b');
    found.offices.delete('b');
    await found.wire.time.pass((TAKEOVER_TICKS - 2) * TICK_MS);
    expect(holders(found)).toEqual([]);
    await found.wire.time.pass(4 * TICK_MS);
    expect(holders(found)).toEqual(['c']);
    expect(termsOf(found)).toEqual([3]);
  });

  it('has one holder in the end, and nobody accepts a former one, whoever freezes when', async () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let round = 0; round < 30; round++) {
      const found = labApart(['a', 'd'], ['b', 'c']);
      const { wire, accepted } = found;
      for (let step = 0; step < 30; step++) {
        await wire.time.pass(random() * 4000);
        const id = 'abcd'[Math.floor(random() * 4)];
        if (random() < 0.5) wire.freeze(id);
        else wire.thaw(id);
      }
      for (const id of ['a', 'b', 'c', 'd']) wire.thaw(id);
      await wire.time.pass(30_000);
      expect(holders(found)).toHaveLength(1);
      expect(new Set(termsOf(found)).size).toBe(1);
      const terms = accepted.map(({ term }) => term);
      expect(terms).toEqual(terms.toSorted((x, y) => x - y));
    }
  });
});
