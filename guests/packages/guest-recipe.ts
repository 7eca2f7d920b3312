// What a recipe of a guest made on demand is given, and what it says of the images that it has made.
import type { Package, PrivateApt } from './apt.ts';

/** Device models of the drives that such guests boot from (engine/vmkernel/spec/spec.ts, DriveSpec). */
type DriveModel = 'floppy' | 'ide-cd' | 'ide-hd' | 'virtio-blk-pci';

export interface Workshop {
  apt: PrivateApt;
  /** Empty; what is made goes into it. */
  folder: string;
  /** For files that later builds can use again. */
  cache: string;
  /** Gets a line for a person per step. */
  report(line: string): void;
}

export interface MadeGuest {
  /** What it is, for the user. */
  os: string;
  /** Recommended size of the VM. */
  memoryMiB: number;
  /** In the order in which a VM has them; `file` is the name of one in the folder. */
  drives: { model: DriveModel; file: string }[];
  packages: Package[];
}

export interface GuestRecipe {
  /** For the list of guests that can be made: what it is and how much is fetched. */
  what: string;
  /** Throws GuestBuildError with what failed and what to do. */
  make(workshop: Workshop): Promise<MadeGuest>;
}
