import { expect, it } from 'vitest';
import { stateOf } from './vm-state.ts';

it('shows the guest’s end while the VM is on, and the power state otherwise', () => {
  const guest = { kind: 'panicked' as const, detail: '' };
  expect(stateOf({ power: 'running' })).toBe('running');
  expect(stateOf({ power: 'running', guest })).toBe('panicked');
  expect(stateOf({ power: 'migrating', guest })).toBe('migrating');
});
