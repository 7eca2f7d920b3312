import { expect, it } from 'vitest';
import type { VmStatus } from '../../engine/host/api.ts';
import { conflictChanges, conflictInWords, conflictsOf } from './address-conflicts.ts';
import type { NetworksState } from './networks.ts';

const [WEB, DB, OTHER] = ['52:54:00:00:00:aa', '52:54:00:00:00:02', '52:54:00:00:00:03'];
const vm = (name: string, mac: string) => ({ name, nics: [{ model: 'virtio-net', mac }] }) as VmStatus;
const vms = { a: vm('web1', WEB.toUpperCase()), b: vm('db1', DB) };
const conflict = (address: string, ...macs: string[]) => ({ address, users: macs.map((mac) => ({ mac })) });
const networks = {
  a: {
    status: {
      responder: { term: 1, conflicts: [conflict('10.0.0.5', WEB, DB), conflict('10.0.0.6', DB, OTHER)] },
    },
  },
} as unknown as NetworksState;

it('names who uses an address, and finds a card’s conflicts', () => {
  expect(conflictsOf(networks).map((one) => conflictInWords(one, vms))).toEqual([
    '10.0.0.5 is used by db1 and web1',
    `10.0.0.6 is used by ${OTHER} and db1`,
  ]);
  expect(conflictsOf(networks, [WEB.toUpperCase()])).toHaveLength(1);
  expect(conflictsOf(networks, ['52:54:00:00:00:09'])).toEqual([]);
  expect(conflictsOf({})).toEqual([]);
  const named = { address: 'fd00::1', users: [{ mac: OTHER, name: 'v86' }, { mac: WEB }, { mac: DB }] };
  expect(conflictInWords(named, vms)).toBe(`fd00::1 is used by db1, v86 (${OTHER}) and web1`);
});

it('says what began and what is over', () => {
  const [first, second] = conflictsOf(networks);
  expect(conflictChanges([], [first], vms)).toEqual({ began: ['10.0.0.5 is used by db1 and web1'], over: [] });
  expect(conflictChanges([first], [first, second], vms).began).toHaveLength(1);
  expect(conflictChanges([first, second], [first], vms)).toEqual({ began: [], over: ['10.0.0.6'] });
  // One more who uses it is news.
  expect(conflictChanges([first], [conflict('10.0.0.5', WEB, DB, OTHER)], vms).began).toHaveLength(1);
});
