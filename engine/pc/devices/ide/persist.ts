import type { PacketUnitState } from './atapi/persist.ts';
import type { TaskFile } from './registers.ts';

/** One of the controller's two bus masters. */
export interface BusMasterState {
  /** As the guest reads them: command, status, and the address of the table. */
  command: number;
  status: number;
  table: number;
  /** Where the next descriptor is, and what is left of the present one. */
  next: number;
  address: number;
  remaining: number;
  last: boolean;
}

export interface ChannelState {
  /** The device that is selected. */
  selected: number;
  /** Device control. */
  control: number;
  /** The level of its interrupt line. */
  interrupt: boolean;
  busMaster: BusMasterState;
}

export interface IdeState {
  version: 1;
  channels: ChannelState[];
}

/** What a drive is doing; see drive.ts. */
export type Phase = 'idle' | 'data-in' | 'data-out' | 'dma-in' | 'dma-out' | 'medium';

/** What both kinds of drives have. */
export interface DriveState {
  file: TaskFile;
  /** INTRQ is asserted, or would be if the device were selected and interrupts enabled. */
  interrupt: boolean;
  phase: Phase;
  /** What the buffer holds, or has room for while the guest's data is taken: one array. */
  data: Uint8Array[];
  position: number;
  /** Where the present DRQ block ends, and bytes of a full one. */
  blockEnd: number;
  block: number;
  /** BlockPort.mediumCount as the drive last saw it. */
  mediumCount: number;
  standby: boolean;
  /** The mode that SET FEATURES selected, as its sector count had it. */
  transferMode: number;
}

/** What a disk's command in progress has yet to do. */
export interface DiskAccess {
  kind: 'none' | 'read' | 'write' | 'verify' | 'flush' | 'trim';
  dma: boolean;
  /** 48-bit, or with 28 bits or cylinder, head and sector. */
  extended: boolean;
  /** Sectors: the next one, how many are left, and how many of them are in the buffer. */
  lba: number;
  /** Of `trim`: bytes of the list in the buffer. */
  remaining: number;
  batch: number;
  /** Bytes of a DRQ block. */
  block: number;
}

export interface DiskState extends DriveState {
  version: 1;
  access: DiskAccess;
  /** Sectors in a block of READ and WRITE MULTIPLE; 0: not set. */
  multiple: number;
  /** Of INITIALIZE DEVICE PARAMETERS. */
  heads: number;
  sectors: number;
  writeCache: boolean;
  lookAhead: boolean;
  smart: boolean;
}

export interface CdState extends DriveState {
  version: 1;
  /** The one whose command is in progress. */
  packet: Uint8Array;
  /** What the data is that is being moved: the packet itself, a parameter list, or what the guest gets. */
  step: 'none' | 'packet' | 'parameters' | 'reply';
  /** Of the command: by DMA, and the most bytes in a DRQ block otherwise. */
  dma: boolean;
  limit: number;
  /** Blocks to be read: the next one, how many are left, how many are on their way, and what of each goes to the guest (READ CD, byte 9). */
  lba: number;
  remaining: number;
  batch: number;
  parts: number;
  unit: PacketUnitState;
}
