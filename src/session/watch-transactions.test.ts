import '../testing/browser-globals.ts';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { HostApi, HostConnection, HostInfo, VmStatus } from '../../engine/host/api.ts';
import { reportLog } from '../reports/report-log.ts';
import { addHost, applyStatus } from '../state/fleet.ts';
import { update, useConsole } from '../state/store.ts';
import { serialOutput } from '../state/vm-news.ts';
import { keepConnection } from './connections.ts';
import { watchTransactions } from './watch-transactions.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const line = (t: number) =>
  `client t=${t} tcp=20 tcp50=1.20 tcp95=3.40 tcp99=5.00 tcpmax=9.10 tcperr=0 seq=${t * 20} resets=0 http=19 http50=8.10 http95=20.00 http99=31.00 httpmax=40.20 httperr=0 gap=61.20\r\n`;

/** All that the VM has printed; both hosts know it. */
let printed = '';

function joinHost(id: string): void {
  const info = { id, name: id } as HostInfo;
  const api = {
    readSerial: async (_: string, position = 0) => ({
      position,
      bytes: bytes(printed.slice(position)),
      end: printed.length,
    }),
  } as unknown as HostApi;
  keepConnection({ info, api } as HostConnection);
  update('fleet', (fleet) => addHost(fleet, info, true));
}

function report(hostId: string, ...vms: string[]): void {
  const status = {
    info: useConsole.getState().fleet.hosts[hostId].info,
    vms: vms.map((id) => ({ id, name: id, hostId, power: 'running' }) as VmStatus),
    memoryUsedMiB: 0,
    memoryFreeMiB: 0,
    cpu: 0,
    cpuReady: 0,
    cores: 2,
  };
  update('fleet', (fleet) => applyStatus(fleet, status, {}, Date.now()));
}

function print(text: string): void {
  printed += text;
  serialOutput.announce('client1');
}

const times = () => reportLog.reports('client1').map(({ t }) => t);

beforeAll(() => {
  vi.useFakeTimers();
});
afterAll(() => {
  vi.useRealTimers();
});

it('reads what clients report while nobody looks, before and after they move, until they are gone', async () => {
  printed = `Linux version 6.1.0\r\n${line(1)}${line(2)}`;
  for (const host of ['a', 'b']) joinHost(host);
  watchTransactions();
  report('a', 'client1');
  await vi.advanceTimersByTimeAsync(10);
  expect(times()).toEqual([1, 2]);

  await vi.advanceTimersByTimeAsync(1000);
  print(line(3).slice(0, 40));
  print(line(3).slice(40));
  await vi.advanceTimersByTimeAsync(1000);
  expect(times()).toEqual([1, 2, 3]);

  // The target's first report comes before the pieces that were under way.
  await vi.advanceTimersByTimeAsync(1000);
  printed += line(4);
  report('a');
  report('b', 'client1');
  await vi.advanceTimersByTimeAsync(1000);
  print(line(5));
  await vi.advanceTimersByTimeAsync(1000);
  expect(times()).toEqual([1, 2, 3, 4, 5]);

  report('b');
  expect(reportLog.reporters()).toEqual([]);
});
