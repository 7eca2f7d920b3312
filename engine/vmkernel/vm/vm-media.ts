// The media in a VM's drives, as its specification has them, and what is known of the drives: what lies in them changes while it runs.

import type { DriveFigures } from '../block/disk-queue.ts';
import { type DriveStatus, driveStatus, type VmDrives } from '../block/vm-drives.ts';
import type { MediumSpec, VmSpec } from '../spec/spec.ts';
import { vmOutline } from '../spec/vm-outline.ts';

export class VmMedia {
  #spec: VmSpec;
  /** As last seen. */
  #figures: readonly DriveFigures[] = [];

  constructor(spec: VmSpec) {
    this.#spec = spec;
  }

  /** With the media that lie in its drives now. */
  get spec(): VmSpec {
    return this.#spec;
  }

  /** Undefined if it has no drives. `attached`: those of the VM while it is on. */
  status(attached: VmDrives | undefined): DriveStatus[] | undefined {
    const { drives } = vmOutline(this.#spec);
    if (!drives) return undefined;
    if (attached) this.#figures = attached.figures;
    return driveStatus(drives, this.#figures, (index) => attached?.locked(index) ?? false);
  }

  /** Another medium lies in the drive, or none. */
  set(drive: number, medium: MediumSpec | undefined): void {
    const changed = (this.#spec.drives ?? []).map(({ medium: before, ...rest }, n) => {
      const now = n === drive ? medium : before;
      return { ...rest, ...(now && { medium: now }) };
    });
    this.#spec = { ...this.#spec, drives: changed };
  }

  /** The guest may have taken media out. */
  look(attached: VmDrives | undefined): void {
    for (const [n, medium] of (attached?.media ?? []).entries())
      if (!medium && this.#spec.drives?.[n].medium) this.set(n, undefined);
  }

  /** They are no longer the VM's. */
  detached(drives: VmDrives | undefined): void {
    this.look(drives);
    this.#figures = drives?.figures ?? this.#figures;
  }
}
