// The block worker's inside, one for a tab: the drives of all VMs of its hosts, and who may use them (drive-store.ts has the rules).

import { MIB } from '../../base/sizes.ts';
import { MAXIMUM_MEDIUM } from '../../pc/bus/block.ts';
import type { YieldTask } from '../shared/yield-task.ts';
import type { MediumSource, MediumSpec } from '../spec/spec.ts';
import type { BlockBackend } from './block-backend.ts';
import { WorkerDiskQueue } from './disk-queue.ts';
import { Bay, mediumInfo, type OpenMedium } from './drive-bay.ts';
import type { AttachRequest, DrivePoint, DriveProblem, DriveStore, VmIdentity } from './drive-store.ts';
import type { MediumInfo } from './medium-info.ts';
import { BlankBackend, BytesBackend, openBlob } from './memory-backends.ts';
import { Overlay } from './overlay.ts';
import { OverlayBudget } from './overlay-budget.ts';
import { ServedDrive } from './served-drive.ts';

/** Sources that depend on where the worker runs. Opens for reading only, but for files that are not snapshots. */
export type OpenSource = (
  source: Extract<MediumSource, { kind: 'url' | 'path' }>,
  readOnly: boolean,
) => Promise<BlockBackend>;

interface Attachment {
  host: HostDrives;
  vm: RegisteredVm;
  drives: ServedDrive[];
  revoked: boolean;
}

interface RegisteredVm {
  identity: VmIdentity;
  owner: HostDrives;
  bays: Bay[];
  attachments: Set<Attachment>;
  /** A write waits for memory, and the user was told. */
  waits: boolean;
}

export interface BlockStoreOptions {
  openSource: OpenSource;
  yieldTask: YieldTask;
  budget?: OverlayBudget;
}

export class BlockStore {
  readonly budget: OverlayBudget;
  readonly yieldTask: YieldTask;
  readonly vms = new Map<string, RegisteredVm>();
  readonly attachments = new Map<string, Attachment>();
  readonly #openSource: OpenSource;
  /** VMs whose media are being opened. */
  readonly #opening = new Map<string, Promise<unknown>>();

  constructor({ openSource, yieldTask, budget = new OverlayBudget() }: BlockStoreOptions) {
    this.#openSource = openSource;
    this.yieldTask = yieldTask;
    this.budget = budget;
  }

  connect(onProblem: (problem: DriveProblem) => void): DriveStore {
    return new HostDrives(this, onProblem);
  }

  /** The VM's drives, opened if they are not. */
  async register(
    host: HostDrives,
    identity: VmIdentity,
    media: readonly (MediumSpec | undefined)[],
  ): Promise<RegisteredVm> {
    await this.#opening.get(identity.id)?.catch(() => {});
    const known = this.vms.get(identity.id);
    if (known) return known;
    const opening = this.#openAll(host, identity, media);
    this.#opening.set(identity.id, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(identity.id);
    }
  }

  async #openAll(
    owner: HostDrives,
    identity: VmIdentity,
    media: readonly (MediumSpec | undefined)[],
  ): Promise<RegisteredVm> {
    const vm: RegisteredVm = { identity, owner, bays: [], attachments: new Set(), waits: false };
    for (const _ of media) vm.bays.push(new Bay((title, detail) => vm.owner.tell(vm, title, detail)));
    const opened = await Promise.allSettled(
      media.map(async (medium, n) => medium && vm.bays[n].exchange(await this.open(vm, medium))),
    );
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed) {
      await Promise.all(vm.bays.map((bay) => bay.exchange(undefined)));
      throw failed.reason;
    }
    this.vms.set(identity.id, vm);
    return vm;
  }

  async open(vm: RegisteredVm, spec: MediumSpec): Promise<OpenMedium> {
    const base = await this.#openBase(spec);
    const problem =
      base.size === 0
        ? 'it is empty'
        : base.size > MAXIMUM_MEDIUM
          ? `it is larger than ${MAXIMUM_MEDIUM / 2 ** 40} TiB`
          : undefined;
    if (problem) {
      await base.close();
      throw new Error(`${spec.name} cannot be used as a medium: ${problem}.`);
    }
    if (spec.readOnly || !base.readOnly) return { spec, backend: base };
    return { spec, backend: new Overlay(base, this.budget, (granted) => this.#full(vm, spec, granted)) };
  }

  async #openBase({ name, source, readOnly = false }: MediumSpec): Promise<BlockBackend> {
    switch (source.kind) {
      case 'bytes':
        return new BytesBackend(source.bytes);
      case 'blob':
        return openBlob(source.blob);
      case 'blank':
        return new BlankBackend(source.size);
      case 'held':
        throw new Error(`${name} is not in this tab's memory.`);
      default:
        return this.#openSource(source, readOnly || (source.kind === 'path' && source.snapshot === true));
    }
  }

  /** Told once for all requests that wait meanwhile. */
  #full(vm: RegisteredVm, { name }: MediumSpec, granted: Promise<void>): void {
    if (vm.waits) return;
    vm.waits = true;
    void granted.then(() => {
      vm.waits = false;
    });
    const limit = `${Math.round(this.budget.limit / MIB)} MiB`;
    vm.owner.tell(
      vm,
      `${name} waits for memory`,
      `What guests of this tab write to disks is kept in memory, ${limit} at most, and that is full. The write is done when there is room: delete a VM that is not needed, or discard blocks in a guest (fstrim).`,
    );
  }

  async forget(vm: RegisteredVm): Promise<void> {
    if (this.vms.get(vm.identity.id) === vm) this.vms.delete(vm.identity.id);
    await Promise.all(vm.bays.map((bay) => bay.exchange(undefined)));
  }

  /** Throws an Error for the user. */
  vm(vmId: string): RegisteredVm {
    const vm = this.vms.get(vmId);
    if (!vm) throw new Error('The drives of this VM are not in this tab.');
    return vm;
  }

  attachment(name: string): Attachment {
    const attachment = this.attachments.get(name);
    if (!attachment) throw new Error('The drives of this VM were detached.');
    return attachment;
  }
}

/** One host's line to the store. */
class HostDrives implements DriveStore {
  readonly #store: BlockStore;
  readonly #onProblem: (problem: DriveProblem) => void;

  constructor(store: BlockStore, onProblem: (problem: DriveProblem) => void) {
    this.#store = store;
    this.#onProblem = onProblem;
  }

  tell({ identity }: RegisteredVm, title: string, detail: string): void {
    this.#onProblem({ vmId: identity.id, title: `${identity.name}: ${title}`, detail });
  }

  async register(
    identity: VmIdentity,
    media: readonly (MediumSpec | undefined)[],
  ): Promise<(MediumInfo | undefined)[]> {
    if (this.#store.vms.has(identity.id))
      throw new Error(`A VM with the id of ${identity.name} is in this tab already.`);
    const { bays } = await this.#store.register(this, identity, media);
    return bays.map(({ medium }) => medium);
  }

  async attach({ attachment: name, vm: identity, media, queues, memory, cpu = 0 }: AttachRequest): Promise<void> {
    const vm = await this.#store.register(this, identity, media);
    const drives = queues.map((buffer, n) => {
      if (!memory) throw new Error('The drives have no doorbell to ring.');
      const queue = new WorkerDiskQueue(buffer, memory, cpu);
      const drive = new ServedDrive(queue, vm.bays[n], true, this.#store.yieldTask);
      vm.bays[n].served.add(drive);
      vm.bays[n].show(drive);
      return drive;
    });
    const attachment: Attachment = { host: this, vm, drives, revoked: false };
    vm.attachments.add(attachment);
    this.#store.attachments.set(name, attachment);
  }

  async activate(name: string): Promise<void> {
    const attachment = this.#store.attachment(name);
    if (attachment.revoked) throw new Error('The VM runs elsewhere.');
    const { vm, drives } = attachment;
    const others = [...vm.attachments].filter((other) => other !== attachment);
    for (const other of others) other.revoked = true;
    vm.owner = this;
    // Usually it was held long ago; a source that has died was not.
    await Promise.all(others.flatMap((other) => other.drives.map((drive) => drive.hold())));
    for (const drive of drives) drive.resume();
  }

  async hold(name: string): Promise<DrivePoint[]> {
    const { vm, drives } = this.#store.attachment(name);
    await Promise.all(drives.map((drive) => drive.hold()));
    return vm.bays.map(({ mediumCount }) => ({ mediumCount }));
  }

  async resume(name: string): Promise<void> {
    await this.activate(name);
  }

  async accept(name: string, points: readonly DrivePoint[]): Promise<void> {
    const { vm } = this.#store.attachment(name);
    // Drives that are shared with the other end have the count already.
    if (vm.attachments.size > 1) return;
    for (const [n, bay] of vm.bays.entries()) bay.mediumCount = points[n]?.mediumCount ?? bay.mediumCount;
  }

  async detach(name: string): Promise<void> {
    const attachment = this.#store.attachments.get(name);
    if (!attachment) return;
    this.#store.attachments.delete(name);
    await this.#close(attachment);
  }

  async #close({ vm, drives }: Attachment): Promise<void> {
    await Promise.all(drives.map((drive) => drive.close()));
    for (const [n, drive] of drives.entries()) vm.bays[n].served.delete(drive);
    for (const attachment of vm.attachments) if (attachment.drives === drives) vm.attachments.delete(attachment);
  }

  async insert(vmId: string, drive: number, medium: MediumSpec): Promise<MediumInfo> {
    const vm = this.#store.vm(vmId);
    const bay = bayOf(vm, drive);
    const open = await this.#store.open(vm, medium);
    await bay.exchange(open);
    return mediumInfo(open);
  }

  async eject(vmId: string, drive: number, force: boolean): Promise<boolean> {
    const bay = bayOf(this.#store.vm(vmId), drive);
    const locking = force ? undefined : [...bay.served].find(({ queue }) => queue.locked);
    if (locking) locking.queue.requestEject();
    else if (bay.medium) await bay.exchange(undefined);
    return !locking;
  }

  async leave(vmId: string): Promise<void> {
    const vm = this.#store.vms.get(vmId);
    if (vm && vm.owner === this && vm.attachments.size === 0) await this.#store.forget(vm);
  }

  async remove(vmId: string): Promise<void> {
    const vm = this.#store.vms.get(vmId);
    if (vm && vm.owner === this) await this.#remove(vm);
  }

  async close(): Promise<void> {
    const { vms, attachments } = this.#store;
    const own = [...attachments].filter(([, { host }]) => host === this);
    await Promise.all(own.map(([name]) => this.detach(name)));
    for (const vm of [...vms.values()]) {
      const heir = [...vm.attachments].find(({ revoked }) => !revoked);
      if (vm.owner !== this) continue;
      if (heir) vm.owner = heir.host;
      else await this.#remove(vm);
    }
  }

  async #remove(vm: RegisteredVm): Promise<void> {
    await Promise.all([...vm.attachments].map((attachment) => this.#close(attachment)));
    await this.#store.forget(vm);
  }
}

function bayOf(vm: RegisteredVm, drive: number): Bay {
  const bay = vm.bays[drive];
  if (!bay) throw new Error(`${vm.identity.name} has no such drive.`);
  return bay;
}
