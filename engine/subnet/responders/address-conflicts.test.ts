import { beforeEach, expect, it } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import { AddressConflicts } from './address-conflicts.ts';

const ADDRESS = '10.0.0.5';

let time: VirtualTime;
let conflicts: AddressConflicts;
/** Who has ADDRESS, and whether it answers. */
let holders: Map<string, boolean>;
let questions: number;

beforeEach(() => {
  time = new VirtualTime();
  holders = new Map([
    ['a', true],
    ['b', true],
  ]);
  questions = 0;
  conflicts = new AddressConflicts({
    timebase: time,
    ask: (address) => {
      questions++;
      for (const [mac, answers] of holders) if (answers && address === ADDRESS) conflicts.heard(mac, address);
    },
  });
});

it('says who uses an address that two claim, until one of them gives it up', async () => {
  conflicts.heard('b', ADDRESS);
  await time.pass(2000);
  expect(conflicts.current).toEqual([{ address: ADDRESS, macs: ['a', 'b'] }]);
  await time.pass(60_000);
  expect(conflicts.current).toHaveLength(1);
  holders.delete('a');
  await time.pass(60_000);
  expect(conflicts.current).toEqual([]);
  const asked = questions;
  await time.pass(60_000);
  expect(questions).toBe(asked);
});

it('two that only answer are found when somebody looks for the address, which is asked about once', async () => {
  conflicts.soughtAfter(ADDRESS);
  await time.pass(2000);
  expect(conflicts.current).toHaveLength(1);
  holders.delete('a');
  await time.pass(60_000);
  const asked = questions;
  conflicts.soughtAfter(ADDRESS);
  expect(questions).toBe(asked);
  await time.pass(600_000);
  conflicts.soughtAfter(ADDRESS);
  expect(questions).toBe(asked + 1);
});

it('a guest that is silent for a moment has not given the address up', async () => {
  conflicts.heard('b', ADDRESS);
  conflicts.heard('a', ADDRESS);
  await time.pass(2000);
  holders.set('a', false);
  await time.pass(15_000);
  expect(conflicts.current).toHaveLength(1);
  holders.set('a', true);
  await time.pass(60_000);
  expect(conflicts.current).toHaveLength(1);
});

it('an address that has moved to another card is no conflict', async () => {
  holders.delete('b');
  conflicts.heard('a', ADDRESS);
  await time.pass(60_000);
  holders = new Map([['b', true]]);
  conflicts.heard('b', ADDRESS);
  await time.pass(60_000);
  expect(conflicts.current).toEqual([]);
  expect(questions).toBe(4);
});

it('one more who comes in later is named too', async () => {
  conflicts.heard('b', ADDRESS);
  conflicts.heard('a', ADDRESS);
  await time.pass(2000);
  holders.set('c', true);
  await time.pass(20_000);
  expect(conflicts.current).toEqual([{ address: ADDRESS, macs: ['a', 'b', 'c'] }]);
});

it('whoever invents claims causes a bounded number of questions, and none after the end', async () => {
  for (let n = 0; n < 1000; n++) for (const mac of ['a', 'b']) conflicts.heard(mac, `10.1.${n >> 8}.${n & 255}`);
  expect(questions).toBe(32);
  conflicts.stop();
  await time.pass(60_000);
  expect(questions).toBe(32);
  expect(conflicts.current).toEqual([]);
});
