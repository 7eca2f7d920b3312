// What live migration needs from the host at either end. The migration tasks (source.ts, target.ts) know nothing of p2m
// tables, vCPU workers or devices; the vmkernel implements these ports.
//
// Pages are the VM's pages of 4 KiB, numbered from 0: RAM as the guest sees it, and behind it ROM. Every method is called from
// the host worker. Methods that return a promise may reject with an Error whose message is user-facing.

/** What migration itself reads of a VM's specification; the rest travels with it unread (structured-cloneable). */
export interface GuestSpec {
  id: string;
  name: string;
  memoryMiB: number;
}

/**
 * The CPU's and the devices' saved forms. Opaque here: structured-cloneable, versioned by its owner, validated by
 * `IncomingVm.prepare`.
 */
export type SavedMachine = unknown;

/** A running VM at the source. */
export interface MigratableVm<Spec extends GuestSpec = GuestSpec> {
  readonly spec: Spec;
  /** Page numbers are 0..pages-1. None if the VM is off. */
  readonly pages: number;
  /**
   * Resolves if the guest ends by itself while it is being migrated (it powers off, resets, crashes): what it did, as a
   * user-facing sentence. It runs no more then; what follows from it is done when the migration is over.
   */
  readonly ended: Promise<string>;

  /** From when it resolves, every write of the guest or of a device sets the page's bit. Starts with no bit set. */
  startDirtyLog(): Promise<void>;
  /**
   * Returns and clears the dirty bitmap (bit p % 32 of word p >> 5) in one step. When it resolves no vCPU holds a write
   * tag granted before the clearing. Works while the VM is paused too.
   */
  takeDirty(): Promise<Uint32Array>;
  stopDirtyLog(): Promise<void>;
  /** Pages whose bit is set now. */
  countDirty(): number;

  /** Resolves when the page can be read, in the same task; undefined: it can be now. */
  bring(page: number): Promise<void> | undefined;
  /** True if the page holds only zeros. Must be cheap for a page that was never touched. */
  isZero(page: number): boolean;
  /** Copies the page to `into` (PAGE_SIZE long). The guest may be writing it: the dirty log catches that. */
  readPage(page: number, into: Uint8Array): void;

  /** About how many bytes `pause` would give. */
  stateBytes(): number;
  /** Stops the vCPU and its devices. When it resolves nothing of the VM runs, and the dirty log is complete. */
  pause(): Promise<SavedMachine>;
  /**
   * Goes on after `pause` as if nothing had happened; also called after a `pause` that rejected. A guest that has ended
   * stays so.
   */
  resume(): Promise<void>;
  /** The VM now belongs to the target: frees what this host holds of it. Not called unless the VM is paused. */
  release(): Promise<void>;
}

/** A host that can take VMs in. Everything that comes from the spec was sent by another host: validate it. */
export interface TargetHost<Spec extends GuestSpec = GuestSpec> {
  /** Undefined if the VM could be here now, or the reason why not, for the user. No side effect. */
  admission(spec: Spec): string | undefined;
  /** Sets the memory aside: all pages read as zero until written. With no pages the VM is off, and stays so here. */
  reserve(spec: Spec, pages: number): Promise<IncomingVm>;
}

/** A reserved VM at the target. Exactly one of `activate` and `discard` is called, once, as the last. */
export interface IncomingVm {
  /** As the source's `MigratableVm.pages`; the migration is refused if they differ. */
  readonly pages: number;
  /** `contents` is PAGE_SIZE long and must be copied: the buffer is reused. */
  writePage(page: number, contents: Uint8Array): void;
  writeZero(page: number): void;
  /**
   * Restores CPU and devices and gets everything ready, without running an instruction. Whatever can fail fails here:
   * rejects on a saved form it does not know.
   */
  prepare(saved: SavedMachine): Promise<void>;
  /** Lets the vCPU run; resolves when it does. If it rejects the vCPU has not run and will not. */
  activate(): Promise<void>;
  /** Frees everything. */
  discard(): Promise<void>;
}
