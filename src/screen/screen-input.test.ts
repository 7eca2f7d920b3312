import '../testing/browser-globals.ts';
import { beforeEach, expect, it, vi } from 'vitest';
import type { VmStatus } from '../../engine/host/api.ts';
import { update, useConsole } from '../state/store.ts';
import { typeText } from './screen-input.ts';

const host = vi.hoisted(() => ({ pieces: [] as string[] }));
vi.mock('../session/connections.ts', () => ({
  apiOf: () => ({
    async typeText(_vmId: string, piece: string) {
      host.pieces.push(piece);
      return true;
    },
  }),
}));

beforeEach(() => {
  host.pieces = [];
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
