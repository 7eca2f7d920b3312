import '../testing/browser-globals.ts';
import { beforeEach, expect, it, vi } from 'vitest';
import type { VmStatus } from '../../engine/host/api.ts';
import { update, useConsole } from '../state/store.ts';
import { typeText } from './screen-input.ts';

const host = vi.hoisted(() => ({ pieces: [] as string[], gone: '', onGone: () => {} }));
vi.mock('../session/connections.ts', () => ({
  apiOf: (id: string) => ({
    async typeText(_vmId: string, piece: string) {
      if (id === host.gone && host.pieces.length > 0) {
        host.onGone();
        throw new Error('web is not running here.');
      }
      host.pieces.push(piece);
      return true;
    },
  }),
}));

beforeEach(() => {
  Object.assign(host, { pieces: [], gone: '', onGone: () => {} });
  update('fleet', (fleet) => ({ ...fleet, vms: { vm: { id: 'vm', name: 'web', hostId: 'h' } as VmStatus } }));
  useConsole.setState({ notices: [] });
});

it('types nothing of a text with a character that the layout lacks, be it far behind', async () => {
  await typeText('vm', `${'a'.repeat(5000)}\u65e5`, 'us').done;
  expect(host.pieces).toEqual([]);
  expect(useConsole.getState().notices).toMatchObject([{ title: 'Not typed', targetId: 'vm' }]);
});

it('says how far it is, and takes away what was said of the attempt before', async () => {
  await typeText('vm', '\u65e5', 'us').done;
  const progress: number[][] = [];
  await typeText('vm', 'b'.repeat(2500), 'us', (typed, total) => progress.push([typed, total])).done;
  expect(host.pieces.join('')).toHaveLength(2500);
  expect(progress).toEqual([
    [0, 2500],
    [1000, 2500],
    [2000, 2500],
  ]);
  expect(useConsole.getState().notices).toEqual([]);
});

const moveTo = (hostId: string) =>
  update('fleet', (fleet) => ({ ...fleet, vms: { vm: { id: 'vm', name: 'web', hostId } as VmStatus } }));

it('goes on at the host to which the VM has moved meanwhile, without losing or repeating a piece', async () => {
  Object.assign(host, { gone: 'h', onGone: () => moveTo('other') });
  const text = Array.from({ length: 2500 }, (_, n) => String(n % 10)).join('');
  await typeText('vm', text, 'us').done;
  expect(host.pieces.join('')).toBe(text);
  expect(useConsole.getState().notices).toEqual([]);
});

it('waits while the VM is between two hosts', async () => {
  let refusals = 0;
  const onGone = () => {
    if (++refusals === 2) moveTo('other');
  };
  Object.assign(host, { gone: 'h', onGone });
  const moving = { id: 'vm', name: 'web', hostId: 'h', power: 'migrating' } as VmStatus;
  update('fleet', (fleet) => ({ ...fleet, vms: { vm: moving } }));
  await typeText('vm', 'c'.repeat(1500), 'us').done;
  expect(host.pieces.join('')).toHaveLength(1500);
  expect(refusals).toBe(2);
});

it('gives up where the VM stays and does not run', async () => {
  host.gone = 'h';
  await typeText('vm', 'd'.repeat(1500), 'us').done;
  expect(host.pieces).toHaveLength(1);
  expect(useConsole.getState().notices).toMatchObject([{ title: 'Not typed', detail: 'web is not running here.' }]);
});
