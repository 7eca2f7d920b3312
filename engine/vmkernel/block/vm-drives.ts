// The drives of one instance of a VM, in the host's worker: their queues, their attachment to the tab's block worker, and what the
// queues show.

import type { PropertyValues } from '../../pc/bus/device-model.ts';
import type { DriveOutline, VmSpec } from '../spec/spec.ts';
import { createDiskQueue, DiskQueueView, type DriveFigures } from './disk-queue.ts';
import type { DrivePoint, DriveStore } from './drive-store.ts';
import type { MediumInfo } from './medium-info.ts';

/** What a console shows of a drive. */
export interface DriveStatus extends DriveFigures {
  model: string;
  /** Where it sits, as in its specification. */
  properties: PropertyValues;
  medium?: MediumInfo & { name: string };
  /** The guest does not let the medium go. */
  locked: boolean;
}

const NO_FIGURES: DriveFigures = {
  reads: 0,
  writes: 0,
  bytesRead: 0,
  bytesWritten: 0,
  errors: 0,
  overlayBytes: 0,
};

export class VmDrives {
  readonly queues: readonly SharedArrayBuffer[];
  readonly #views: readonly DiskQueueView[];
  readonly #store: DriveStore | undefined;
  readonly #attachment: string;

  private constructor(store: DriveStore | undefined, queues: readonly SharedArrayBuffer[], attachment: string) {
    this.#store = store;
    this.queues = queues;
    this.#views = queues.map((queue) => new DiskQueueView(queue));
    this.#attachment = attachment;
  }

  /**
   * With queues for a vCPU whose CPU block is at the machine address `cpu`; without `at` for a VM that is off. Rejects with an Error
   * for the user.
   */
  static async attach(
    store: DriveStore | undefined,
    { id, name, drives = [] }: VmSpec,
    at?: { memory: WebAssembly.Memory; cpu: number },
  ): Promise<VmDrives> {
    if (drives.length === 0) return new VmDrives(undefined, [], '');
    if (!store) throw new Error(`${name} has drives, and this host has nothing to keep their contents in.`);
    const attachment = crypto.randomUUID();
    const queues = at ? drives.map(createDiskQueue) : [];
    const media = drives.map(({ medium }) => medium);
    await store.attach({ attachment, vm: { id, name }, media, queues, ...at });
    return new VmDrives(store, queues, attachment);
  }

  /** The VM is this host's from now on. In the order of calls, before what the guest asks for. */
  async activate(): Promise<void> {
    await this.#store?.activate(this.#attachment);
  }

  /** What it resolves with is structured-cloneable and for `accept` at the other end of a move. */
  async hold(): Promise<DrivePoint[]> {
    return (await this.#store?.hold(this.#attachment)) ?? [];
  }

  async resume(): Promise<void> {
    await this.#store?.resume(this.#attachment);
  }

  /** `points`: from another host, not checked. */
  async accept(points: readonly DrivePoint[] = []): Promise<void> {
    await this.#store?.accept(this.#attachment, points);
  }

  async detach(): Promise<void> {
    await this.#store?.detach(this.#attachment);
  }

  /** The media that lie in the drives now, by index. */
  get media(): readonly (MediumInfo | undefined)[] {
    return this.#views.map(({ mediumState }) => mediumState.medium);
  }

  /** Of drives that were attached with queues. */
  get figures(): readonly DriveFigures[] {
    return this.#views.map(({ figures }) => figures);
  }

  locked(index: number): boolean {
    return this.#views.at(index)?.locked ?? false;
  }
}

/** What to show of a VM's drives. `figures`: the last that are known. */
export function driveStatus(
  drives: readonly DriveOutline[],
  figures: readonly DriveFigures[],
  locked: (index: number) => boolean,
): DriveStatus[] {
  return drives.map(({ model, properties = {}, medium }, n) => ({
    model,
    properties,
    ...(figures[n] ?? NO_FIGURES),
    ...(medium && { medium: { name: medium.name, size: medium.size ?? 0, readOnly: medium.readOnly ?? false } }),
    locked: locked(n),
  }));
}
