import { expect, test } from 'vitest';
import type { PowerState } from '../../engine/host/api.ts';
import '../testing/browser-globals.ts';
import { vmActions } from './vm-actions.ts';

const POWER_STATES: PowerState[] = ['off', 'starting', 'running', 'migrating', 'crashed'];

test.each(POWER_STATES)('a button is in the same place whatever the power state: %s', (power) => {
  const quick = vmActions('vm', power, 2).filter((action) => action.quick);
  expect(quick.findIndex((action) => action.id === 'console')).toBe(3);
  expect(quick.findIndex((action) => ['migrate', 'cancel-migration'].includes(action.id))).toBe(2);
});

test('what a VM cannot be asked for in its power state says why', () => {
  const reset = (power: PowerState) => vmActions('vm', power, 2).find((action) => action.id === 'reset')?.unavailable;
  expect(reset('running')).toBeUndefined();
  expect(reset('off')).toBe('It is powered off');
  expect(reset('starting')).toBe('It is still starting');
  expect(reset('migrating')).toBe('It is migrating');
});
