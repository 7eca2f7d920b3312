// What a drive is to the machine: its medium, and the way on which requests go to what keeps the medium's contents. That is
// elsewhere (a file, a server, another worker), so nothing here is answered at once.
//
// A request is answered exactly once, at a safe point of the vCPU's run loop, never inside `submit`. Requests of one drive may be
// answered in any order; a flush is answered after all that was submitted before it. A port takes any number of requests of any
// length: what has no room on the way waits in the port. Requests are not saved: a device submits those in flight again when it is
// restored, and what had not been answered by the pause is carried out wholly or not at all before the other end of a move opens the
// medium.

/** Offsets and lengths are bytes and multiples of this. */
export const SECTOR = 512;

/** Bytes; larger media are refused: 32 bits of sectors. */
export const MAXIMUM_MEDIUM = 2 ** 32 * SECTOR;

/** Drives of one machine: four on IDE channels, two floppy drives, eight on virtio. */
export const MAXIMUM_DRIVES = 14;

/** What every drive is set up with (device-model.ts). */
export const DRIVE_PROPERTIES = {
  index: { kind: 'number', least: 0, most: MAXIMUM_DRIVES - 1, help: "which of the machine's drives it is" },
} as const;

export interface Medium {
  /** Bytes, a multiple of SECTOR. */
  readonly size: number;
  readonly readOnly: boolean;
}

export type BlockRequest =
  | { kind: 'read'; offset: number; length: number }
  /** The bytes are taken over before `submit` returns. */
  | { kind: 'write'; offset: number; bytes: Uint8Array }
  | { kind: 'flush' }
  /** What was there need not be kept. */
  | { kind: 'discard'; offset: number; length: number }
  | { kind: 'write-zeroes'; offset: number; length: number };

/**
 * `gone`: there is no medium, or it was changed since; `read-only`, `out-of-range`: refused; `failed`: it could not be read or
 * written.
 */
export type BlockFailure = 'gone' | 'read-only' | 'out-of-range' | 'failed';

export type BlockResult =
  /** Of a read: lent until the call returns. Of others: empty. */
  { ok: true; bytes: Uint8Array } | { ok: false; failure: BlockFailure };

/** The way from a drive to its medium, seen from the drive. */
export interface BlockPort {
  /** What lies in the drive now. */
  readonly medium: Medium | undefined;
  /** Counts media: it rises when one is put in or taken out. Part of a drive's saved form, so that a change during a move is noticed. */
  readonly mediumCount: number;
  submit(request: BlockRequest, done: (result: BlockResult) => void): void;
  /** The drive was reset: what has not been answered will not be. Writes on their way may still be done. */
  abandon(): void;
  /** The guest opens the tray: the medium is taken out. */
  eject(): void;
  /** The guest has locked the tray, or opened the lock: whether the user may take the medium out without force. */
  setLocked(locked: boolean): void;
}

/** What a drive is to the machine that has it. */
export interface BlockDrive {
  /** Another medium lies in the drive, or none: `BlockPort.medium` says. */
  mediumChanged(): void;
  /** The user asks the guest to let the medium go; only drives with a lock are asked. */
  ejectRequested?(): void;
}
