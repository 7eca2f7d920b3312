import { expect, test } from 'vitest';
import { SerialLog } from '../measure/serial-log.ts';
import { endPattern } from './workloads.ts';

test('the last line of a workload counts when it is whole, in whatever pieces it is printed', async () => {
  const log = new SerialLog(() => 0);
  const end = log.waitFor(endPattern('getpid'), 1000);
  for (const character of '@end getpid 0.351 0000017f 500000\r\n') log.push(character);
  expect((await end).groups.slice(1)).toEqual(['0.351', '0000017f', '500000']);
});
