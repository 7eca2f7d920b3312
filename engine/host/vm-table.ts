// The VMs of one host: creates them with their ports wired to the host, and reports what they are doing.

import { PAGE_SIZE } from '../base/sizes.ts';
import type { Timebase } from '../base/timebase.ts';
import type { BootImage } from '../pc/firmware/boot-image.ts';
import type { DriveStore } from '../vmkernel/block/drive-store.ts';
import type { MachineMemory } from '../vmkernel/memory/machine-memory.ts';
import type { VmNetwork } from '../vmkernel/nic/vm-network.ts';
import type { ScreenReader } from '../vmkernel/screen/vm-screen.ts';
import type { VmSpec } from '../vmkernel/spec/spec.ts';
import { vmOutline } from '../vmkernel/spec/vm-outline.ts';
import type { LaunchVcpu } from '../vmkernel/vm/vcpu-control.ts';
import { Vm } from '../vmkernel/vm/vm.ts';
import type { VmEvent, VmPorts } from '../vmkernel/vm/vm-ports.ts';
import type { HostInfo, HostStatus, NetworkStatus, VmStatus } from './api.ts';
import type { EventBus } from './event-bus.ts';
import type { MachineLoad } from './machine-load.ts';

/** What a guest's end comes to on this host, which is its owner's to say and not in the VM's specification. */
export type GuestEnds = Pick<VmPorts, 'onGuestReset' | 'onTripleFault'>;

const PAGES_PER_MIB = (1024 * 1024) / PAGE_SIZE;

export interface VmTablePorts {
  timebase: Timebase;
  memory: MachineMemory;
  launch: LaunchVcpu;
  network: VmNetwork;
  drives: DriveStore | undefined;
  guestEnds: GuestEnds;
  prepareBoot(spec: VmSpec, signal: AbortSignal): Promise<BootImage>;
  pageSupply?: VmPorts['pageSupply'];
  events: EventBus;
  /** Something that a status shows has changed. */
  onChange(): void;
}

export class VmTable {
  readonly #ports: VmTablePorts;
  readonly #vms = new Map<string, Vm>();

  constructor(ports: VmTablePorts) {
    this.#ports = ports;
  }

  /** A VM that does not stand in the table yet: an incoming one enters it when it is activated. */
  build(spec: VmSpec): Vm {
    const { timebase, memory, launch, network, drives, guestEnds, prepareBoot, pageSupply } = this.#ports;
    return new Vm(spec, {
      host: memory,
      launch,
      network,
      ...(drives && { drives }),
      prepareBoot,
      timebase,
      ...(pageSupply && { pageSupply }),
      onEvent: (event) => this.#onVmEvent(spec, event),
      ...guestEnds,
    });
  }

  add(vm: Vm): void {
    this.#vms.set(vm.spec.id, vm);
    this.#ports.onChange();
  }

  remove(vmId: string): void {
    const channels = this.#vms.get(vmId)?.output.channels.keys() ?? [];
    this.#vms.delete(vmId);
    for (const channel of [undefined, ...channels]) this.#ports.events.tell('serial', vmId, channel);
    this.#ports.events.tell('serial-room', vmId);
    this.#ports.events.tell('screen', vmId);
    this.#ports.events.tell('speaker', vmId);
    this.#ports.onChange();
  }

  forgetScreenReader(reader: ScreenReader): void {
    for (const vm of this.#vms.values()) vm.forgetScreenReader(reader);
  }

  has(vmId: string): boolean {
    return this.#vms.has(vmId);
  }

  /** Throws an Error with a user-facing message. */
  get(vmId: string): Vm {
    const vm = this.#vms.get(vmId);
    if (!vm) throw new Error('There is no such VM on this host (any more).');
    return vm;
  }

  specs(): VmSpec[] {
    return [...this.#vms.values()].map((vm) => vm.spec);
  }

  /** Names of those that are not off. */
  active(): string[] {
    return [...this.#vms.values()].filter((vm) => vm.power !== 'off').map((vm) => vm.spec.name);
  }

  sample(): void {
    for (const vm of this.#vms.values()) vm.sample();
  }

  /** What the vCPUs were busy over the last second, in cores. */
  busy(): number {
    return [...this.#vms.values()].reduce((sum, vm) => sum + vm.busy, 0);
  }

  status(info: HostInfo, network: NetworkStatus, load: MachineLoad): HostStatus {
    const { memory } = this.#ports;
    const present = [...this.#vms.values()].filter((vm) => !vm.departed);
    const vms = present.map((vm) => statusOf(vm, info.id, load));
    return {
      info,
      vms,
      memoryUsedMiB: (memory.usablePages - memory.freePages) / PAGES_PER_MIB,
      memoryFreeMiB: memory.freePages / PAGES_PER_MIB,
      cpu: vms.reduce((sum, vm) => sum + vm.cpu, 0),
      cpuReady: vms.reduce((sum, vm) => sum + vm.cpuReady, 0),
      cores: load.cores,
      network,
    };
  }

  /** Stops everything, whatever it is doing. */
  async destroyAll(): Promise<void> {
    await Promise.all([...this.#vms.values()].map((vm) => vm.destroy()));
    this.#vms.clear();
  }

  #onVmEvent({ id: vmId, name }: VmSpec, event: VmEvent): void {
    switch (event.type) {
      case 'serial':
        this.#ports.events.tell('serial', vmId);
        break;
      case 'output':
        this.#ports.events.tell('serial', vmId, event.channel);
        break;
      case 'serial-room':
        this.#ports.events.tell('serial-room', vmId);
        break;
      case 'problem':
        this.#ports.events.emit({ type: 'problem', vmId, title: event.title, detail: event.detail });
        break;
      case 'guest':
        this.#ports.events.emit({ type: 'guest', vmId, vmName: name, event: event.event });
        this.#ports.onChange();
        break;
      case 'screen':
        this.#ports.events.tell('screen', vmId);
        break;
      case 'speaker':
        this.#ports.events.tell('speaker', vmId);
        break;
      case 'power':
        this.#ports.events.tell('screen', vmId);
        this.#ports.onChange();
        break;
      case 'agent':
      case 'input':
        this.#ports.onChange();
        break;
    }
  }
}

function statusOf(vm: Vm, hostId: string, load: MachineLoad): VmStatus {
  const { used, ready } = load.share(vm.busy);
  const { id, name, guestOs, memoryMiB, nics = [] } = vm.spec;
  return {
    id,
    name,
    guestOs,
    hostId,
    memoryMiB,
    memoryActiveMiB: vm.activePages / PAGES_PER_MIB,
    power: vm.power,
    nics,
    ...(vm.drives && { drives: vm.drives }),
    spec: vmOutline(vm.spec),
    counters: vm.counters(),
    lastRun: vm.power === 'off' ? vm.finalCounters : undefined,
    cpu: used,
    cpuReady: ready,
    ...vm.speed,
    crash: vm.crash,
    agent: vm.agent.status,
    ...(vm.power !== 'off' && { input: vm.input.state }),
    guest: vm.guest,
  };
}
