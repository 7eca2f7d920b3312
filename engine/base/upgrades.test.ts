import { expect, test } from 'vitest';
import { upgraded, versionProblem } from './upgrades.ts';

const UPGRADES = {
  1: ({ name }: { name: string }) => ({ names: [name] }),
  2: ({ names }: { names: string[] }) => ({ names, count: names.length }),
};

test('a form of an earlier version goes through every version to the present one', () => {
  expect(upgraded({ version: 1, name: 'a' }, 3, UPGRADES)).toEqual({ version: 3, names: ['a'], count: 1 });
  expect(upgraded({ version: 2, names: [] }, 3, UPGRADES)).toEqual({ version: 3, names: [], count: 0 });
});

test('a form of the present version is left as it is', () => {
  const form = { version: 3, names: ['a'], count: 1 };
  expect(upgraded(form, 3, UPGRADES)).toBe(form);
});

test('a newer one, one from before the history, and what is no form are none', () => {
  for (const form of [{ version: 4 }, { version: 0 }, { version: '1', name: 'a' }, {}, null, undefined, 7])
    expect(upgraded(form, 3, UPGRADES)).toBeUndefined();
});

test('which versions are read follows from the upgrades', () => {
  expect(versionProblem({ version: 4 }, 3, UPGRADES)).toBe('version 4; this build reads versions 1 to 3');
  expect(versionProblem(undefined, 1, {})).toBe('version undefined; this build reads version 1');
});
