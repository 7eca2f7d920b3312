// Hosts of ours with guests on them and without the console: what the page of the bench and its counterpart in Node do.
import { formatStatistics } from '../../cli/report.ts';
import type { HostConnection, HostSpec } from '../../engine/host/api.ts';
import { SerialFollower } from '../../workers/serial-follower.ts';
import { SerialLog } from '../measure/serial-log.ts';
import type { BenchPage, PageGuest } from './page-api.ts';

export type RunningHost = Pick<HostConnection, 'api' | 'onEvent'>;

interface BenchGuest {
  id: string;
  host: RunningHost;
  log: SerialLog;
  /** Reads what the guest prints into the log. */
  output: SerialFollower;
}

/** Room on a host for what each VM needs beside its RAM. */
const OVERHEAD_MIB = 16;

export class TabvisorHosts implements BenchPage {
  readonly #startHost: (spec: HostSpec) => Promise<RunningHost>;
  readonly #hosts: RunningHost[] = [];
  readonly #guests: BenchGuest[] = [];

  constructor(startHost: (spec: HostSpec) => Promise<RunningHost>) {
    this.#startHost = startHost;
  }

  async start(hosts: PageGuest[][]): Promise<void> {
    const now = () => performance.now();
    const logs = hosts.map((guests) => guests.map(() => new SerialLog(now)));
    for (const [index, guests] of hosts.entries()) {
      const name = `host-${index}`;
      const host = await this.#startHost({
        id: name,
        name,
        memoryMiB: guests.reduce((sum, { memoryMiB }) => sum + memoryMiB + OVERHEAD_MIB, 0),
        link: { bandwidthMbits: 0, latencyMs: 0, loss: 0, jitterMs: 0 },
      });
      this.#hosts.push(host);
      const first = this.#guests.length;
      this.#guests.push(...logs[index].map((log, n) => benchGuest(`vm-${first + n}`, host, log)));
    }
    for (const host of this.#hosts) this.#listen(host);
    const images = hosts.flat();
    await Promise.all(this.#guests.map((_, number) => this.#powerOn(number, images[number])));
  }

  waitFor(guest: number, pattern: string, timeoutMs: number) {
    return this.#guests[guest].log.waitFor(pattern, timeoutMs);
  }

  async send(guest: number, text: string): Promise<void> {
    const { host, id } = this.#guests[guest];
    await host.api.serialInput(id, new TextEncoder().encode(text));
  }

  /** Of the guest, if it is one alone. */
  async figures(): Promise<string> {
    if (this.#guests.length !== 1) return '';
    const { vms } = await this.#hosts[0].api.status();
    return formatStatistics(vms[0].counters, vms[0].counters.uptimeMs);
  }

  async shutDown(): Promise<void> {
    for (const { api } of this.#hosts) await api.shutdown(true);
  }

  #listen(host: RunningHost): void {
    const guests = this.#guests.filter((guest) => guest.host === host);
    host.onEvent((event) => {
      if (event.type === 'serial') guests.find(({ id }) => id === event.vmId)?.output.pull();
      if (event.type === 'problem') for (const { log } of guests) log.end(`${event.title}: ${event.detail}`);
    });
  }

  async #powerOn(number: number, { kernelUrl, initrdUrl, commandLine, memoryMiB, network }: PageGuest): Promise<void> {
    const { id, host, output } = this.#guests[number];
    await host.api.createVm({
      id,
      name: id,
      guestOs: 'Linux',
      memoryMiB,
      kernel: { kind: 'url', url: kernelUrl },
      initrd: { kind: 'url', url: initrdUrl },
      commandLine,
      nics: network ? [{ model: 'virtio-net', mac: macOf(number) }] : [],
    });
    output.pull();
    await host.api.powerOn(id);
  }
}

function benchGuest(id: string, host: RunningHost, log: SerialLog): BenchGuest {
  const decoder = new TextDecoder('latin1');
  const output = new SerialFollower((position, limit) => host.api.readSerial(id, position, limit), {
    print: (bytes) => log.push(decoder.decode(bytes)),
    skipped: (bytes) => log.end(`${bytes} bytes of output came too fast to be read`),
  });
  return { id, host, log, output };
}

function macOf(number: number): string {
  return `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`;
}
