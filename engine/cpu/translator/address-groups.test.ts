import { expect, it } from 'vitest';
import { AddressGroups } from './address-groups.ts';

const [BASE, INDEX] = [0, 8];

it('one sum of two registers is one place, another scale or another value is another', () => {
  const groups = new AddressGroups();
  const base = groups.registerSymbol(BASE);
  const index = groups.registerSymbol(INDEX);
  const sum = groups.sum(base, index, 3);
  expect(groups.sum(base, index, 3)).toEqual(sum);
  expect(groups.sum(base, index, 2).root).not.toBe(sum.root);
  expect(groups.sum(undefined, index, 3).root).not.toBe(sum.root);
  expect(groups.sum(index, base, 3).root).not.toBe(sum.root);
  groups.setRegister(INDEX, undefined);
  expect(groups.sum(base, groups.registerSymbol(INDEX), 3).root).not.toBe(sum.root);
});

it('constants on both sides of a sum count, the index as often as it is scaled', () => {
  const groups = new AddressGroups();
  const base = groups.registerSymbol(BASE);
  const index = groups.registerSymbol(INDEX);
  const sum = groups.sum(base, index, 2);
  expect(groups.sum({ ...base, offset: 5 }, { ...index, offset: -1 }, 2)).toEqual({ root: sum.root, offset: 1 });
});

it('an index alone is its register', () => {
  const groups = new AddressGroups();
  const index = groups.registerSymbol(INDEX);
  expect(groups.sum(undefined, index, 0)).toEqual(index);
});

it('blocks that go on from one state do not take each other’s sums for theirs', () => {
  const groups = new AddressGroups();
  const base = groups.registerSymbol(BASE);
  const index = groups.registerSymbol(INDEX);
  const state = groups.save();
  const sum = groups.sum(base, index, 1);
  groups.restore(state);
  // The number that the sum had is given to something else here.
  groups.setRegister(INDEX, undefined);
  const other = groups.registerSymbol(INDEX);
  expect(other.root).toBe(sum.root);
  expect(groups.sum(base, index, 1).root).not.toBe(other.root);
});
