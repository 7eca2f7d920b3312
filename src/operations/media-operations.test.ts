import '../testing/browser-globals.ts';
import { beforeEach, expect, it } from 'vitest';
import type { VmStatus } from '../../engine/host/api.ts';
import { update, useConsole } from '../state/store.ts';
import { insertFiles } from './media-operations.ts';

const text = (name: string) => ({ path: name, file: new File(['Dear Sir,\n'], name) });

beforeEach(() => {
  const vm = { id: 'vm', name: 'web', hostId: 'h', drives: [{ model: 'floppy' }, { model: 'floppy' }] };
  update('fleet', (fleet) => ({ ...fleet, vms: { vm: vm as unknown as VmStatus } }));
  useConsole.setState({ notices: [] });
});

it('of attempts at one drive only the last refusal stays on the screen', async () => {
  await insertFiles('vm', 0, [text('one.txt')]);
  await insertFiles('vm', 1, [text('other.txt')]);
  await insertFiles('vm', 0, [text('two.txt')]);
  const details = useConsole.getState().notices.map(({ detail }) => detail.split(' ')[0]);
  expect(details).toEqual(['other.txt', 'two.txt']);
});
