// The network of a simulated host: counters that grow, leases, and captures with frames that might have been.

import { labelOf } from '../../engine/base/object-name.ts';
import type { AddressPool, CaptureLine, CaptureView, NetworkStatus, PortGroup } from '../../engine/host/api.ts';
import { encodePcapng } from '../../engine/subnet/capture/pcapng.ts';
import { DEFAULT_PLAN, poolOf } from '../../engine/subnet/responders/subnet-plan.ts';
import { DEFAULT_PORT_GROUP } from '../../engine/subnet/switch/port-group.ts';
import type { SimulatedVm } from './simulated-vm.ts';

type Port = NetworkStatus['ports'][number];

/** Frames that a serving or asking VM sends in a second. */
const FRAMES_PER_SECOND = 130;
const FRAME_BYTES = 420;

const EXCHANGE: [protocol: string, info: string, length: number][] = [
  ['TCP', '7000 → 40112 [PSH, ACK] Seq=240 Ack=241 Win=502 Len=4', 70],
  ['TCP', '40112 → 7000 [ACK] Seq=241 Ack=244 Win=502 Len=0', 66],
  ['TCP', '50234 → 80 [SYN] Seq=0 Win=64240 Len=0', 74],
  ['TCP', '80 → 50234 [PSH, ACK] Seq=1 Ack=38 Win=502 Len=1400', 1466],
  ['ARP', 'Who has 10.0.0.100? Tell 10.0.0.101', 60],
  ['DNS', 'Query A web1.lab', 68],
];

export class SimulatedNetwork {
  readonly #groups = new Map<string, PortGroup>([[DEFAULT_PORT_GROUP.name, DEFAULT_PORT_GROUP]]);
  readonly #ports = new Map<string, Port>();
  readonly #captures = new Map<string, { started: number; stopped?: number; port?: string }>();
  #v86: number | undefined;
  #pool: AddressPool = poolOf(DEFAULT_PLAN);

  setPortGroup(group: PortGroup): void {
    this.#groups.set(group.name, group);
  }

  removePortGroup(name: string): void {
    this.#groups.delete(name);
  }

  setAddressPool(pool: AddressPool): void {
    this.#pool = pool;
  }

  setV86Network(networkId: number | undefined): void {
    this.#v86 = networkId;
  }

  /** Lets `ms` pass for the VMs that are here. */
  tick(vms: SimulatedVm[], ms: number): void {
    const running = vms.filter((vm) => vm.power === 'running' || vm.power === 'migrating');
    const here = new Set(running.flatMap((vm) => vm.spec.nics?.map((nic) => nic.mac) ?? []));
    for (const mac of this.#ports.keys()) if (!here.has(mac)) this.#ports.delete(mac);
    for (const vm of running)
      for (const { mac, portGroup = DEFAULT_PORT_GROUP.name } of vm.spec.nics ?? []) {
        const before = this.#ports.get(mac)?.counters ?? newCounters();
        const counters = { ...before, drops: { ...before.drops } };
        const frames = Math.round(
          (vm.isBusyOnNetwork ? FRAMES_PER_SECOND : 1) * (ms / 1000) * (0.8 + Math.random() * 0.4),
        );
        counters.transmittedFrames += frames;
        counters.transmittedBytes += frames * FRAME_BYTES;
        counters.receivedFrames += frames;
        counters.receivedBytes += frames * FRAME_BYTES * 0.9;
        if (Math.random() < 0.02) counters.drops['queue-full'] = (counters.drops['queue-full'] ?? 0) + 1;
        this.#ports.set(mac, { name: vm.spec.name, mac, portGroup, counters });
      }
  }

  /** @param all every VM of the subnet, if this host answers for it */
  status(all: SimulatedVm[] | undefined): NetworkStatus {
    const ports = [...this.#ports.values()];
    const sum = (name: 'transmittedFrames' | 'transmittedBytes' | 'receivedFrames' | 'receivedBytes') =>
      ports.reduce((total, { counters }) => total + counters[name], 0);
    const uplink = {
      name: 'uplink',
      portGroup: 'Uplink',
      counters: { ...newCounters(), receivedFrames: sum('transmittedFrames'), receivedBytes: sum('transmittedBytes') },
    };
    return {
      ports: [uplink, ...ports],
      portGroups: [...this.#groups.values()],
      uplink: {
        sentFrames: sum('transmittedFrames'),
        sentBytes: sum('transmittedBytes'),
        receivedFrames: sum('receivedFrames'),
        receivedBytes: sum('receivedBytes'),
        lost: 0,
        queueFull: 0,
        superseded: 0,
        migrations: { sentBytes: 0, sentMbits: 0, receivedBytes: 0, receivedMbits: 0 },
        mbits: ports.length * 0.4 * (0.8 + Math.random() * 0.4),
      },
      ...(all && {
        responder: {
          term: 1,
          address: '10.0.0.1',
          prefixLength: 24,
          domain: 'lab',
          leases: leasesOf(all),
          conflicts: [],
          pool: { ...this.#pool, size: 150, free: Math.max(0, 150 - all.length), unanswered: 0 },
        },
      }),
      ...(this.#v86 !== undefined && { v86: { networkId: this.#v86, active: all !== undefined, foreign: 0 } }),
    };
  }

  startCapture(port: string | undefined): string {
    const id = crypto.randomUUID();
    this.#captures.set(id, { started: Date.now(), port });
    return id;
  }

  readCapture(id: string, after: number, limit: number): CaptureView {
    const { started, stopped = Date.now(), port } = this.#captures.get(id)!;
    const captured = Math.floor(((stopped - started) / 1000) * FRAMES_PER_SECOND);
    const first = Math.max(after, captured - limit) + 1;
    const lines = Array.from({ length: Math.max(0, captured - first + 1) }, (_, n) => lineOf(first + n, started, port));
    return { captured, dropped: 0, lines };
  }

  captureFile(): Uint8Array<ArrayBuffer> {
    return encodePcapng([], [], 0);
  }

  stopCapture(id: string): void {
    this.#captures.get(id)!.stopped = Date.now();
  }

  discardCapture(id: string): void {
    this.#captures.delete(id);
  }
}

function newCounters(): Port['counters'] {
  return { transmittedFrames: 0, transmittedBytes: 0, receivedFrames: 0, receivedBytes: 0, drops: {} };
}

function leasesOf(vms: SimulatedVm[]) {
  return vms
    .flatMap(({ spec }) => (spec.nics ?? []).map(({ mac }) => ({ mac, name: labelOf(spec.name) })))
    .map((card, n) => ({ ...card, address: `10.0.0.${100 + n}`, expiresAt: Date.now() + 86_000_000 }));
}

function lineOf(number: number, started: number, port: string | undefined): CaptureLine {
  const [protocol, info, length] = EXCHANGE[number % EXCHANGE.length];
  const [source, destination] = number % 2 === 0 ? ['10.0.0.100', '10.0.0.101'] : ['10.0.0.101', '10.0.0.100'];
  const timeMs = started + (number / FRAMES_PER_SECOND) * 1000;
  return {
    number,
    timeMs,
    port: port ?? (number % 2 ? 'uplink' : 'web1'),
    source,
    destination,
    protocol,
    length,
    info,
  };
}
