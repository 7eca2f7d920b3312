// Hosts of ours with guests on them and without the console: what the page of the bench and its counterpart in Node do.
import { formatStatistics } from '../../cli/report.ts';
import type { DriveSpec, HostConnection, HostEvent, HostSpec, MediumSpec, VmSpec } from '../../engine/host/api.ts';
import type { PropertyValues } from '../../engine/pc/bus/device-model.ts';
import { STANDARD_DEVICES } from '../../engine/vmkernel/spec/machine-spec.ts';
import { SerialFollower } from '../../workers/serial-follower.ts';
import type { DriveModel } from '../images/guest-image.ts';
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

const SCREEN = 'VGA';
const rom = (name: string, sizeKiB: number) => ({
  image: { kind: 'url', url: `/guests/firmware/${name}` } as const,
  sizeKiB,
});
/** What a machine that boots from drives has beside them. */
const FIRMWARE_MACHINE: Pick<VmSpec, 'firmware' | 'devices'> = {
  firmware: { ...rom('bios-256k.bin', 256), roms: [{ model: SCREEN, ...rom('vgabios-stdvga.bin', 64) }] },
  devices: [...STANDARD_DEVICES, { model: SCREEN }],
};

/** Room on a host for what each VM needs beside its RAM, and for a screen's memory. */
const OVERHEAD_MIB = 16;
const SCREEN_MIB = 32;

export class TabvisorHosts implements Omit<BenchPage, 'showScreen' | 'shownFrames'> {
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
        memoryMiB: guests.reduce((sum, guest) => sum + roomOf(guest), 0),
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

  /** Of the first guest: what its screen is read from, and its news. */
  get firstScreen(): { api: RunningHost['api']; vmId: string; onNews(listener: () => void): () => void } {
    const { host, id } = this.#guests[0];
    const isNews = (event: HostEvent) => event.type === 'screen' && event.vmId === id;
    return { api: host.api, vmId: id, onNews: (listener) => host.onEvent((event) => isNews(event) && listener()) };
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

  async #powerOn(number: number, { linux, drives, memoryMiB, network }: PageGuest): Promise<void> {
    const { id, host, output } = this.#guests[number];
    await host.api.createVm({
      id,
      name: id,
      guestOs: linux ? 'Linux' : 'Other',
      memoryMiB,
      ...(linux
        ? {
            kernel: { kind: 'url', url: linux.kernelUrl },
            initrd: { kind: 'url', url: linux.initrdUrl },
            commandLine: linux.commandLine,
          }
        : { ...FIRMWARE_MACHINE, commandLine: '' }),
      nics: network ? [{ model: 'virtio-net', mac: macOf(number) }] : [],
      drives: await Promise.all(drives.map(openDrive)),
    });
    output.pull();
    await host.api.powerOn(id);
  }
}

function roomOf({ memoryMiB, linux }: PageGuest): number {
  return memoryMiB + OVERHEAD_MIB + (linux ? 0 : SCREEN_MIB);
}

/** Of the first drive of a model. */
const PLACES: Record<DriveModel, PropertyValues> = {
  floppy: { unit: 0 },
  'ide-hd': { bus: 0, unit: 0 },
  'virtio-blk': {},
};

/** As a file that the user has dropped on the page. */
async function openDrive({ model, url }: PageGuest['drives'][number]): Promise<DriveSpec> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  const medium: MediumSpec = { name: url, source: { kind: 'blob', blob: await response.blob() } };
  return { model, properties: PLACES[model], medium };
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
