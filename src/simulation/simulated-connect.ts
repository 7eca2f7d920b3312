// Stand-in for workers/connect.ts in development builds (`?simulate`): hosts whose VMs are only figures. Everything in one
// tab, nothing over the subnet.
import type {
  AddressPool,
  CaptureScope,
  HostApi,
  HostConnection,
  HostEvent,
  HostSpec,
  PortGroup,
  VmOutline,
  VmSpec,
} from '../../engine/host/api.ts';
import { simulateMigration } from './simulated-migration.ts';
import { SimulatedNetwork } from './simulated-network.ts';
import { simulatedRegionCode, simulatedRegions } from './simulated-regions.ts';
import { SimulatedVm } from './simulated-vm.ts';

export const tabId = crypto.randomUUID();
const STATUS_MS = 500;
const hosts = new Map<string, SimulatedHost>();

class SimulatedHost implements HostApi {
  readonly spec: HostSpec;
  readonly startedAt = Date.now();
  readonly vms = new Map<string, SimulatedVm>();
  readonly listeners = new Set<(event: HostEvent) => void>();
  readonly #network = new SimulatedNetwork();
  readonly #cancelled = new Set<string>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(spec: HostSpec) {
    this.spec = spec;
    this.#timer = setInterval(() => {
      for (const vm of this.vms.values()) vm.tick(STATUS_MS);
      this.#network.tick([...this.vms.values()], STATUS_MS);
      void this.#report();
    }, STATUS_MS);
  }

  async info() {
    return { ...this.spec, tabId, startedAt: this.startedAt };
  }

  async status() {
    const vms = [...this.vms.values()].map((vm) => vm.status());
    const used = vms.reduce((sum, vm) => sum + (vm.power === 'off' ? 0 : vm.memoryMiB), 0);
    return {
      info: await this.info(),
      vms,
      memoryUsedMiB: used,
      memoryFreeMiB: this.spec.memoryMiB - used,
      cpu: vms.reduce((sum, vm) => sum + vm.cpu, 0),
      cpuReady: 0,
      cores: navigator.hardwareConcurrency,
      network: this.#network.status(this.#answers() ? allVms() : undefined),
    };
  }

  async setLink(link: HostSpec['link']) {
    this.spec.link = link;
  }

  async createVm(spec: VmSpec) {
    this.adopt(new SimulatedVm(spec, this.spec.id));
  }

  adopt(vm: SimulatedVm): void {
    vm.hostId = this.spec.id;
    vm.onSerial = () => this.#emit({ type: 'serial', vmId: vm.spec.id });
    vm.onCrash = () =>
      this.#emit({
        ...{ type: 'guest', vmId: vm.spec.id, vmName: vm.spec.name },
        event: { kind: 'crashed', detail: 'triple fault' },
      });
    this.vms.set(vm.spec.id, vm);
  }

  async deleteVm(vmId: string) {
    this.vms.delete(vmId);
  }

  async powerOn(vmId: string) {
    const vm = this.#vm(vmId);
    const refusal = await this.admission(vm.spec);
    if (refusal) throw new Error(`${this.spec.name} cannot take ${vm.spec.name}: ${refusal}.`);
    vm.start();
  }

  async powerOff(vmId: string) {
    this.#vm(vmId).stop();
  }

  async reset(vmId: string) {
    this.#vm(vmId).stop();
    this.#vm(vmId).start();
  }

  async pause(vmId: string) {
    this.#vm(vmId).power = 'paused';
  }

  async resume(vmId: string) {
    this.#vm(vmId).power = 'running';
  }

  async registers(): Promise<never> {
    throw new Error('A simulated VM has no CPU.');
  }

  async pressPowerButton(vmId: string) {
    this.#vm(vmId).stop();
  }

  async shutDownGuest(vmId: string) {
    await this.pressPowerButton(vmId);
  }

  async readSerial(vmId: string, position: number | undefined, limit: number) {
    return this.#vm(vmId).history.read(position, limit);
  }

  async serialInput(vmId: string, bytes: Uint8Array) {
    this.#vm(vmId).input(bytes);
    return { accepted: bytes.length, run: 1 };
  }

  async readScreen(): Promise<never> {
    throw new Error('A simulated VM has no screen.');
  }

  async closeScreen() {}

  async serialReply() {}

  async setTerminalSize() {}

  async sendInput() {}

  async typeText() {
    return true;
  }

  async stopTyping() {}

  async readSpeaker(_vmId: string, position: number) {
    return { position, changes: [], end: position };
  }

  async runInGuest(): Promise<never> {
    throw new Error('A simulated VM has no guest agent.');
  }

  freezeGuest = this.runInGuest;

  thawGuest = this.runInGuest;

  async admission({ memoryMiB }: Pick<VmOutline, 'memoryMiB'>) {
    const { memoryFreeMiB } = await this.status();
    return memoryMiB <= memoryFreeMiB ? undefined : `needs ${memoryMiB} MiB, ${memoryFreeMiB} MiB free`;
  }

  async agreeToDowntime() {}

  async migrate(vmId: string, targetHostId: string) {
    const vm = this.#vm(vmId);
    const target = hosts.get(targetHostId);
    if (!target) throw new Error('The target host does not answer.');
    this.#cancelled.delete(vmId);
    vm.power = 'migrating';
    const final = await simulateMigration(
      vm,
      targetHostId,
      this.spec.link,
      (statistics) => this.#emit({ type: 'migration', statistics }),
      () => this.#cancelled.has(vmId),
    );
    vm.power = 'running';
    for (const other of allVms()) other.disturbance = final.downtimeMs ?? 0;
    if (final.stage === 'cancelled') throw new Error('Cancelled by a person.');
    this.vms.delete(vmId);
    target.adopt(vm);
    return final;
  }

  async cancelMigration(vmId: string) {
    this.#cancelled.add(vmId);
  }

  async setPortGroup(group: PortGroup) {
    this.#network.setPortGroup(group);
  }

  async removePortGroup(name: string) {
    this.#network.removePortGroup(name);
  }

  async setAddressPool(pool: AddressPool) {
    this.#network.setAddressPool(pool);
  }

  async releaseUnusedLeases() {
    return 0;
  }

  async setV86Network(networkId: number | undefined) {
    this.#network.setV86Network(networkId);
  }

  async startCapture({ vmId }: CaptureScope) {
    return this.#network.startCapture(vmId && this.#vm(vmId).spec.name);
  }

  async readCapture(captureId: string, after: number, limit: number) {
    return this.#network.readCapture(captureId, after, limit);
  }

  async captureFile() {
    return this.#network.captureFile();
  }

  async stopCapture(captureId: string) {
    this.#network.stopCapture(captureId);
  }

  async discardCapture(captureId: string) {
    this.#network.discardCapture(captureId);
  }

  async insertMedium() {
    throw new Error('Simulated machines have no drives.');
  }

  async ejectMedium(): Promise<boolean> {
    throw new Error('Simulated machines have no drives.');
  }

  async regions(vmId: string, limit: number) {
    return simulatedRegions(this.#vm(vmId).status().counters.translatedInstructions, limit);
  }

  async regionCode(_vmId: string, regionId: number) {
    return simulatedRegionCode(regionId);
  }

  async shutdown() {
    clearInterval(this.#timer);
    for (const vm of this.vms.values()) vm.stop();
    hosts.delete(this.spec.id);
  }

  /** The first host answers DHCP and DNS for all. */
  #answers(): boolean {
    return hosts.values().next().value === this;
  }

  #vm(vmId: string): SimulatedVm {
    const vm = this.vms.get(vmId);
    if (!vm) throw new Error(`There is no such VM on ${this.spec.name}.`);
    return vm;
  }

  async #report() {
    this.#emit({ type: 'status', status: await this.status() });
  }

  #emit(event: HostEvent) {
    for (const listener of this.listeners) listener(event);
  }
}

function allVms(): SimulatedVm[] {
  return [...hosts.values()].flatMap((host) => [...host.vms.values()]);
}

export async function startLocalHost(spec: HostSpec): Promise<HostConnection> {
  const host = new SimulatedHost({ ...spec });
  hosts.set(spec.id, host);
  return {
    info: await host.info(),
    api: host,
    onEvent(listener) {
      host.listeners.add(listener);
      return () => host.listeners.delete(listener);
    },
    onSilence: () => () => {},
    onClosed: () => () => {},
    close() {},
  };
}

export function watchRemoteHosts(): () => void {
  return () => {};
}

export function checkEnvironment(): string | undefined {
  return undefined;
}
