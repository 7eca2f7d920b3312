// One host: its machine memory, its VMs, its place on the subnet, and what consoles may ask of it (HostApi). Runs in the host
// worker; nothing else touches the host's memory allocator.

import { count, fields, identifier } from '../base/decode.ts';
import { forUsers } from '../base/engine-failure.ts';
import { MigrationTarget } from '../migration/target.ts';
import type { OpenPort } from '../subnet/carrier/subnet.ts';
import type { Segment, SegmentAttachment } from '../subnet/host-network/host-network.ts';
import type { DeathWitness } from '../subnet/presence/death-witness.ts';
import { checkHostSettings, decodeLink } from '../subnet/presence/host-settings.ts';
import type { TermLocks } from '../subnet/presence/office.ts';
import type { FencedLeaseStore } from '../subnet/responders/fenced-leases.ts';
import type { SubnetEndpoint } from '../subnet/streams/endpoint.ts';
import type { ConnectDrives, DriveStore } from '../vmkernel/block/drive-store.ts';
import { MachineMemory } from '../vmkernel/memory/machine-memory.ts';
import type { ScreenReader } from '../vmkernel/screen/vm-screen.ts';
import { createYieldTask } from '../vmkernel/shared/yield-task.ts';
import { checkVmSpec } from '../vmkernel/spec/spec-check.ts';
import { type FetchImage, prepareBoot } from '../vmkernel/vm/prepare-boot.ts';
import type { LaunchVcpu } from '../vmkernel/vm/vcpu-control.ts';
import type { VmPorts } from '../vmkernel/vm/vm-ports.ts';
import { type AdmissionPurpose, admission } from './admission.ts';
import type {
  AddressPool,
  CaptureScope,
  CaptureView,
  GuestCommand,
  GuestCommandResult,
  HostApi,
  HostInfo,
  HostSpec,
  HostStatus,
  InputEvent,
  LayoutName,
  LinkSettings,
  MediumSpec,
  MigrateOptions,
  MigrationStatistics,
  PortGroup,
  ReadScreenOptions,
  RegionCode,
  RegionReport,
  Registers,
  ScreenChunk,
  SerialChunk,
  SerialInputOptions,
  SerialInputResult,
  SpeakerChanges,
  TerminalReply,
  VmOutline,
  VmSpec,
} from './api.ts';
import { Arrivals } from './arrivals.ts';
import { Captures } from './captures.ts';
import { Departures } from './departures.ts';
import { EventBus } from './event-bus.ts';
import { checkSerialInput, checkSerialRange, decodeGuestCommand, decodeReply } from './guest-calls.ts';
import { ejectMedium, insertMedium, openMedia } from './host-drives.ts';
import { HostNode } from './host-node.ts';
import { decodeInput, decodeTyping } from './input-calls.ts';
import { MachineLoad } from './machine-load.ts';
import { screenChunk, screenLimit } from './screen-calls.ts';
import { vmNics } from './vm-nics.ts';
import { type GuestEnds, VmTable } from './vm-table.ts';

const STATUS_MS = 500;
/** Reported in one answer. */
const MAXIMUM_REGIONS = 200;

export interface HostOptions {
  spec: HostSpec;
  tabId: string;
  /** Loads what vCPUs run on, and says how to start them. Rejects with a message for the user. */
  loadEngine(): Promise<LaunchVcpu>;
  /** Of the computer. */
  cores: number;
  openPort: OpenPort;
  witness?: DeathWitness;
  /** Who holds the offices of the subnet. */
  terms: TermLocks;
  /** Shared by all hosts of the subnet. */
  leaseStore: FencedLeaseStore;
  fetchImage: FetchImage;
  /** The block worker of the tab; without it VMs with drives are refused. */
  connectDrives?: ConnectDrives;
  /** Brings the pages of VMs' memory that are absent; without it all are there. */
  pageSupply?: VmPorts['pageSupply'];
  /** A guest that resets itself starts again and one that ends in a triple fault has crashed, if left out. */
  guestEnds?: GuestEnds;
  /** A console of another tab has connected to this host; it may do so before `start` has resolved. */
  onConsole(host: HostService, endpoint: SubnetEndpoint): void;
  /** The host has been shut down: nothing of it is left. */
  onShutdown(): void;
}

export class HostService implements HostApi {
  readonly events = new EventBus();
  readonly #options: HostOptions;
  readonly #startedAt: number;
  readonly #memory: MachineMemory;
  readonly #vms: VmTable;
  readonly #node: HostNode;
  readonly #target: MigrationTarget<VmSpec>;
  readonly #captures: Captures;
  readonly #load: MachineLoad;
  readonly #drives: DriveStore | undefined;
  readonly #departures: Departures;
  readonly #arrivals: Arrivals;
  readonly #statusTimer: ReturnType<typeof setInterval>;
  #link: LinkSettings;
  #statusDue = false;

  /** Starts a host and joins the subnet. Rejects with a user-facing message. */
  static async start(options: HostOptions): Promise<HostService> {
    const spec = checkHostSettings(options.spec);
    const startedAt = Date.now();
    const memory = setAside(spec);
    const launch = await options.loadEngine();
    // Set before the node joins the subnet: no peer knows of the host before.
    let service: HostService | undefined;
    const node = await HostNode.create({
      description: { ...spec, tabId: options.tabId, startedAt },
      openPort: options.openPort,
      witness: options.witness,
      terms: options.terms,
      leaseStore: options.leaseStore,
      yieldTask: createYieldTask(),
      onProblem: (problem) => service?.events.emit({ type: 'problem', ...problem }),
      onConsole: (endpoint) => service && options.onConsole(service, endpoint),
    });
    service = new HostService({ ...options, spec }, startedAt, memory, launch, node);
    await node.join();
    return service;
  }

  private constructor(
    options: HostOptions,
    startedAt: number,
    memory: MachineMemory,
    launch: LaunchVcpu,
    node: HostNode,
  ) {
    this.#options = options;
    this.#startedAt = startedAt;
    this.#memory = memory;
    this.#node = node;
    this.#link = options.spec.link;
    const { subnet, timebase } = node.context;
    this.#drives = options.connectDrives?.((problem) => this.events.emit({ type: 'problem', ...problem }));
    this.#vms = new VmTable({
      timebase,
      memory,
      launch,
      drives: this.#drives,
      network: vmNics(node.network, createYieldTask()),
      guestEnds: options.guestEnds ?? { onGuestReset: 'restart' },
      prepareBoot: (spec, signal) => prepareBoot(spec, options.fetchImage, signal),
      ...(options.pageSupply && { pageSupply: options.pageSupply }),
      events: this.events,
      onChange: () => {
        this.#tellCards();
        this.#publishSoon();
      },
    });
    this.#captures = new Captures(node.network);
    this.#load = new MachineLoad(subnet, timebase, options.cores);
    this.#departures = new Departures({
      node,
      memory: memory.memory,
      onProgress: (statistics) => this.events.emit({ type: 'migration', statistics }),
      onDeparted: (vmId) => this.#vms.remove(vmId),
    });
    this.#arrivals = new Arrivals({
      vms: this.#vms,
      drives: this.#drives,
      refusal: (spec) => this.#refusal(spec, 'run'),
      onChange: () => this.#tellCards(),
    });
    this.#target = new MigrationTarget(node.context, this.#arrivals);
    this.#statusTimer = setInterval(() => {
      this.#vms.sample();
      this.#load.tell(this.#vms.busy());
      this.#publish();
    }, STATUS_MS);
  }

  async info(): Promise<HostInfo> {
    return this.#describe();
  }

  async status(): Promise<HostStatus> {
    return this.#currentStatus();
  }

  async setLink(value: LinkSettings): Promise<void> {
    const link = decodeLink(value);
    this.#node.setLink({ ...this.#describe(), link });
    this.#link = link;
    this.#publishSoon();
  }

  async createVm(value: VmSpec): Promise<void> {
    const spec = checkVmSpec(value);
    const refusal = this.#refusal(spec, 'register');
    if (refusal) throw new Error(`Not created: ${refusal}.`);
    // Nobody else gets its name meanwhile.
    this.#arrivals.expect(spec);
    try {
      this.#vms.add(this.#vms.build(await openMedia(this.#drives, spec, this.#options.tabId)));
    } finally {
      this.#arrivals.noLongerExpect(spec);
    }
  }

  async deleteVm(vmId: string): Promise<void> {
    const vm = this.#vms.get(vmId);
    if (vm.power === 'crashed') await vm.powerOff();
    if (vm.power !== 'off') throw new Error(`${vm.spec.name} is on. Power it off first.`);
    this.#vms.remove(vmId);
    if (vm.spec.drives) await this.#drives?.remove(vmId);
    this.#node.network.cardsDeleted(macsOf(vm.spec));
  }

  async powerOn(vmId: string): Promise<void> {
    const vm = this.#vms.get(vmId);
    await naming(vm.spec.name, 'cannot start', () => vm.powerOn());
  }

  async powerOff(vmId: string): Promise<void> {
    await this.#vms.get(vmId).powerOff();
  }

  async reset(vmId: string): Promise<void> {
    const vm = this.#vms.get(vmId);
    await naming(vm.spec.name, 'cannot be reset', () => vm.reset());
  }

  async pause(vmId: string): Promise<void> {
    await this.#vms.get(vmId).pause();
  }

  async resume(vmId: string): Promise<void> {
    await this.#vms.get(vmId).resume();
  }

  async registers(vmId: string): Promise<Registers> {
    return this.#vms.get(vmId).registers();
  }

  async pressPowerButton(vmId: string): Promise<void> {
    await this.#vms.get(vmId).pressPowerButton();
  }

  async shutDownGuest(vmId: string): Promise<void> {
    const vm = this.#vms.get(vmId);
    if (vm.agent.status.state === 'running') await vm.agent.shutDown();
    else await vm.pressPowerButton();
  }

  async readSerial(vmId: string, position: number | undefined, limit: number, channel?: string): Promise<SerialChunk> {
    checkSerialRange(position, limit);
    const { output, spec } = this.#vms.get(vmId);
    const printed = channel === undefined ? output.com1 : output.channels.get(channel);
    if (!printed) throw new Error(`${spec.name} has no output of that name.`);
    return printed.read(position, limit);
  }

  async serialInput(
    vmId: string,
    bytes: Uint8Array<ArrayBuffer>,
    { terminal, run, discard, port = 0 }: SerialInputOptions = {},
  ): Promise<SerialInputResult> {
    const vm = this.#vms.get(vmId);
    checkSerialInput(bytes, port);
    if (terminal !== undefined) vm.replies.typed(identifier(terminal, 'terminal'));
    const accepted = await vm.serialInput(bytes, port, { discard: discard === true, run });
    return { accepted, run: vm.run };
  }

  readScreen(vmId: string, options?: ReadScreenOptions): Promise<ScreenChunk> {
    return this.readScreenFor(this, vmId, options);
  }

  /** For one of several readers, each of which gets what it has not had. */
  async readScreenFor(reader: ScreenReader, vmId: string, options: ReadScreenOptions = {}): Promise<ScreenChunk> {
    const { fresh, compress, share } = fields(options);
    const asked = { fresh: fresh === true, compress: compress === true, share: share === true };
    const update = await this.#vms.get(vmId).readScreen(reader, asked.fresh, screenLimit(asked));
    return screenChunk(update, asked);
  }

  /** Joins another Ethernet segment to a port group. Throws an Error with a user-facing message if there is no such group. */
  attachSegment(segment: SegmentAttachment): Segment {
    return this.#node.network.attachSegment(segment);
  }

  async closeScreen(vmId: string): Promise<void> {
    this.closeScreenFor(this, vmId);
  }

  closeScreenFor(reader: ScreenReader, vmId: string): void {
    this.#vms.get(vmId).forgetScreenReader(reader);
  }

  forgetScreenReader(reader: ScreenReader): void {
    this.#vms.forgetScreenReader(reader);
  }

  async setTerminalSize(vmId: string, rows: number, columns: number): Promise<void> {
    const isSize = (value: number) => Number.isInteger(value) && value >= 1 && value <= 999;
    if (!isSize(rows) || !isSize(columns)) throw new Error('A terminal has 1 to 999 rows and columns.');
    this.#vms.get(vmId).agent.setTerminalSize({ rows, columns });
  }

  async sendInput(vmId: string, events: readonly InputEvent[]): Promise<void> {
    await this.#vms.get(vmId).input.send(decodeInput(events));
  }

  async typeText(vmId: string, text: string, layout: LayoutName): Promise<boolean> {
    const typing = decodeTyping(text, layout);
    return this.#vms.get(vmId).input.type(typing.text, typing.layout);
  }

  async stopTyping(vmId: string): Promise<void> {
    await this.#vms.get(vmId).input.stopTyping();
  }

  async readSpeaker(vmId: string, position: number): Promise<SpeakerChanges> {
    return this.#vms.get(vmId).input.speaker(count(position, 'position'));
  }

  async runInGuest(vmId: string, command: GuestCommand): Promise<GuestCommandResult> {
    return this.#vms.get(vmId).agent.run(decodeGuestCommand(command));
  }

  async freezeGuest(vmId: string): Promise<number> {
    return this.#vms.get(vmId).agent.freeze();
  }

  async thawGuest(vmId: string): Promise<number> {
    return this.#vms.get(vmId).agent.thaw();
  }

  async serialReply(vmId: string, reply: TerminalReply): Promise<void> {
    this.#vms.get(vmId).replies.reply(decodeReply(reply));
  }

  async insertMedium(vmId: string, drive: number, medium: MediumSpec): Promise<void> {
    await insertMedium(this.#drives, this.#vms.get(vmId), drive, medium, this.#options.tabId);
    this.#publishSoon();
  }

  async ejectMedium(vmId: string, drive: number, force: boolean): Promise<boolean> {
    const out = await ejectMedium(this.#drives, this.#vms.get(vmId), drive, force === true);
    this.#publishSoon();
    return out;
  }

  async admission(spec: VmOutline, purpose: AdmissionPurpose = 'run'): Promise<string | undefined> {
    return this.#refusal(spec, purpose);
  }

  async migrate(vmId: string, targetHostId: string, options: MigrateOptions = {}): Promise<MigrationStatistics> {
    return this.#departures.migrate(this.#vms.get(vmId), targetHostId, options);
  }

  async agreeToDowntime(vmId: string, downtimeMs: number): Promise<void> {
    this.#departures.agree(vmId, downtimeMs);
  }

  async cancelMigration(vmId: string): Promise<void> {
    const { name } = this.#options.spec;
    const done = this.#departures.cancel(vmId) ?? this.#target.cancel(vmId, `It was cancelled at ${name}.`);
    if (done === undefined) throw new Error('The VM is not migrating from this host or to it.');
    if (!done) throw new Error('It is too late to cancel: the VM is being handed over.');
  }

  async setPortGroup(group: PortGroup): Promise<void> {
    this.#node.network.setPortGroup(group);
    this.#publishSoon();
  }

  async removePortGroup(name: string): Promise<void> {
    this.#node.network.removePortGroup(name);
    this.#publishSoon();
  }

  async setAddressPool(pool: AddressPool): Promise<void> {
    this.#node.network.setAddressPool(pool);
    this.#publishSoon();
  }

  async releaseUnusedLeases(): Promise<number> {
    const released = await this.#node.network.releaseUnusedLeases();
    this.#publishSoon();
    return released;
  }

  async setV86Network(networkId: number | undefined): Promise<void> {
    this.#node.network.setV86Network(networkId);
    this.#publishSoon();
  }

  async startCapture({ vmId, nic = 0 }: CaptureScope): Promise<string> {
    if (vmId === undefined) return this.#captures.start();
    const { name, nics = [] } = this.#vms.get(vmId).spec;
    if (!nics[nic]) throw new Error(`${name} has no such network card.`);
    return this.#captures.start(nics[nic].mac);
  }

  async readCapture(captureId: string, after: number, limit: number): Promise<CaptureView> {
    return this.#captures.read(captureId, after, limit);
  }

  async captureFile(captureId: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#captures.file(captureId);
  }

  async stopCapture(captureId: string): Promise<void> {
    this.#captures.stop(captureId);
  }

  async discardCapture(captureId: string): Promise<void> {
    this.#captures.discard(captureId);
  }

  async regions(vmId: string, limit: number): Promise<RegionReport> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAXIMUM_REGIONS)
      throw new Error(`1 to ${MAXIMUM_REGIONS} regions are told at a time.`);
    return this.#vms.get(vmId).regions(limit);
  }

  async regionCode(vmId: string, regionId: number): Promise<RegionCode> {
    return this.#vms.get(vmId).regionCode(regionId);
  }

  async shutdown(force: boolean): Promise<void> {
    const active = this.#vms.active();
    if (active.length > 0 && !force) {
      throw new Error(`${this.#options.spec.name} still runs ${active.join(', ')}. Migrate or power off first.`);
    }
    this.#departures.cancelAll(`${this.#options.spec.name} is shutting down.`);
    clearInterval(this.#statusTimer);
    this.#target.close();
    await this.#vms.destroyAll();
    await this.#drives?.close();
    this.#node.leave();
    this.#options.onShutdown();
  }

  #describe(): HostInfo {
    return { ...this.#options.spec, link: this.#link, tabId: this.#options.tabId, startedAt: this.#startedAt };
  }

  /** Why the VM cannot be here; undefined if it can. */
  #refusal(spec: unknown, purpose: AdmissionPurpose): string | undefined {
    return admission(spec, purpose, {
      hostName: this.#options.spec.name,
      tabId: this.#options.tabId,
      memory: this.#memory,
      vms: [...this.#vms.specs(), ...this.#arrivals.specs()],
      missingPortGroup: (names) => this.#node.network.missingPortGroup(names),
    });
  }

  /** Whose addresses must not be given to others: those of VMs that are off, and on their way here, too. */
  #tellCards(): void {
    this.#node.network.setCards([...this.#vms.specs(), ...this.#arrivals.specs()].flatMap(macsOf));
  }

  /** Once for all changes of one task. */
  #publishSoon(): void {
    if (this.#statusDue) return;
    this.#statusDue = true;
    queueMicrotask(() => this.#publish());
  }

  #publish(): void {
    this.#statusDue = false;
    this.events.emit({ type: 'status', status: this.#currentStatus() });
  }

  #currentStatus(): HostStatus {
    return this.#vms.status(this.#describe(), this.#node.network.status(), this.#load);
  }
}

function macsOf({ nics = [] }: VmSpec): string[] {
  return nics.map(({ mac }) => mac);
}

function setAside(spec: HostSpec): MachineMemory {
  try {
    return new MachineMemory(spec.memoryMiB);
  } catch (error) {
    throw new Error(`${spec.memoryMiB} MiB cannot be set aside for ${spec.name}: ${(error as Error).message}`);
  }
}

/** Puts the VM's name before the reason. */
async function naming(name: string, what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const reason = forUsers('while doing it', error).message;
    throw reason.startsWith(name) ? error : new Error(`${name} ${what}: ${reason}`, { cause: error });
  }
}
