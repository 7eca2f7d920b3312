// Our engine without the console: one host in this tab, with some guests on it.
import { formatStatistics } from '../../cli/report.ts';
import type { HostConnection } from '../../workers/api.ts';
import { startLocalHost } from '../../workers/connect.ts';
import { SerialLog } from '../measure/serial-log.ts';
import type { BenchPage, PageGuest } from './page-api.ts';

/** Room on the host for what each VM needs beside its RAM. */
const OVERHEAD_MIB = 16;

const logs: SerialLog[] = [];
let host: HostConnection | undefined;

function running(): HostConnection {
  if (!host) throw new Error('start() comes first.');
  return host;
}

const page: BenchPage = {
  async start({ kernelUrl, initrdUrl, commandLine, memoryMiB, count }: PageGuest) {
    const ids = Array.from({ length: count }, (_, index) => `vm-${index}`);
    for (const _ of ids) logs.push(new SerialLog(() => performance.now()));
    const memory = (memoryMiB + OVERHEAD_MIB) * count;
    host = await startLocalHost({
      id: 'host',
      name: 'host',
      memoryMiB: memory,
      link: { bandwidthMbits: 0, latencyMs: 0 },
    });
    const decoder = new TextDecoder('latin1');
    host.onEvent((event) => {
      if (event.type === 'serial') logs[ids.indexOf(event.vmId)].push(decoder.decode(event.bytes));
      if (event.type === 'problem') for (const log of logs) log.end(`${event.title}: ${event.detail}`);
    });
    const { api } = host;
    await Promise.all(
      ids.map(async (id) => {
        await api.createVm({
          id,
          name: id,
          guestOs: 'Linux',
          memoryMiB,
          kernel: { kind: 'url', url: kernelUrl },
          initrd: { kind: 'url', url: initrdUrl },
          commandLine,
        });
        await api.powerOn(id);
      }),
    );
  },
  waitFor: (guest, pattern, timeoutMs) => logs[guest].waitFor(pattern, timeoutMs),
  send: (guest, text) => running().api.serialInput(`vm-${guest}`, new TextEncoder().encode(text)),
  async figures() {
    const { vms } = await running().api.status();
    return vms.length === 1 ? formatStatistics(vms[0].counters, vms[0].counters.uptimeMs) : '';
  },
};

window.bench = page;
