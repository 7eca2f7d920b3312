import '../testing/browser-globals.ts';
import { beforeEach, expect, it } from 'vitest';
import { useConsole } from '../state/store.ts';
import { takeGuestEvent } from './guest-events.ts';

beforeEach(() => useConsole.setState({ events: [], notices: [] }));

const events = () => useConsole.getState().events.map(({ severity, target, text }) => [severity, target, text]);

it('records what a guest did, and interrupts nobody over what is as it should be', () => {
  takeGuestEvent('id', 'web', { kind: 'powered-off', detail: '' });
  takeGuestEvent('id', 'web', { kind: 'reset', detail: 'triple fault' });
  expect(events()).toEqual([
    ['info', 'web', 'web has reset itself: triple fault'],
    ['info', 'web', 'web has powered itself off'],
  ]);
  expect(useConsole.getState().notices).toEqual([]);
});

it('puts up a notice, at the VM, for what leaves it standing', () => {
  takeGuestEvent('id', 'web', { kind: 'panicked', detail: 'Kernel panic - not syncing: x' });
  takeGuestEvent('id', 'web', { kind: 'halted', detail: 'it halted with interrupts off' });
  takeGuestEvent('id', 'web', { kind: 'crashed', detail: 'triple fault' });
  expect(useConsole.getState().notices).toMatchObject([
    { severity: 'danger', title: 'web has panicked', detail: 'Kernel panic - not syncing: x.', targetId: 'id' },
    { severity: 'warning', title: 'web has stopped', detail: 'It halted with interrupts off.' },
    { severity: 'danger', title: 'web has stopped', detail: 'Triple fault.' },
  ]);
  expect(events().at(-1)?.[2]).toBe('web has panicked: Kernel panic - not syncing: x.');
});
