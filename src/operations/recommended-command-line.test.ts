import { expect, it } from 'vitest';
import { demoNames } from './demo-names.ts';
import { recommendedCommandLine } from './recommended-command-line.ts';

it('a guest is called as its VM, as far as DNS can say it', () => {
  expect(recommendedCommandLine('console=ttyS0', 'Web Server 1')).toBe('console=ttyS0 hostname=web-server-1');
  expect(recommendedCommandLine('console=ttyS0', '…')).toBe('console=ttyS0');
  expect(recommendedCommandLine('hostname=own console=ttyS0', 'web')).toBe('hostname=own console=ttyS0');
});

it('the demo’s VMs have the first number that is free for both', () => {
  expect(demoNames(['linux-1'])).toEqual({ server: 'web1', client: 'client1' });
  expect(demoNames(['web1', 'client2'])).toEqual({ server: 'web3', client: 'client3' });
});
