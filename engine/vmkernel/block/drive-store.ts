// What hosts ask of the block worker of their tab. Plain structured-cloneable data: the worker may be another thread, or this one.
//
// A VM's drives are registered when it is created, and stay, with what was written to their media, until it is deleted or its last
// host in the tab is gone. An **attachment** is the drives of one instance of the VM: its queues. At most one attachment of a VM is
// served, the one activated last; activating one revokes the others for good. So during a move inside the tab both ends are
// attached, and a disk has one owner at any time.

import type { MediumSpec } from '../spec/spec.ts';
import type { MediumInfo } from './medium-info.ts';

export interface VmIdentity {
  id: string;
  /** For messages. */
  name: string;
}

export interface AttachRequest {
  /** Unique in the tab. */
  attachment: string;
  vm: VmIdentity;
  /** By index of the drive. Media that are not open yet are opened. */
  media: readonly (MediumSpec | undefined)[];
  /** Made by createDiskQueue, by index of the drive. None: the VM is off. */
  queues: readonly SharedArrayBuffer[];
  /** Where the vCPU's doorbell is. */
  memory?: WebAssembly.Memory;
  cpu?: number;
}

/** What goes to the other end of a move. */
export interface DrivePoint {
  mediumCount: number;
}

/** For the user: a drive of the VM cannot work as it should. */
export interface DriveProblem {
  vmId: string;
  title: string;
  detail: string;
}

/** Every method rejects with an Error whose message is for the user. */
export interface DriveStore {
  /** Opens the media. Resolves with what they are. */
  register(vm: VmIdentity, media: readonly (MediumSpec | undefined)[]): Promise<(MediumInfo | undefined)[]>;
  /** The queues are not served before the attachment is activated. */
  attach(request: AttachRequest): Promise<void>;
  /** The VM is this host's and its drives are served by this attachment. */
  activate(attachment: string): Promise<void>;
  /** Resolves when nothing of what the guest has asked for changes the media any more. By index of the drive. */
  hold(attachment: string): Promise<DrivePoint[]>;
  /** After a move that did not take place. Rejects if the attachment was revoked. */
  resume(attachment: string): Promise<void>;
  /** Takes over what `hold` returned at the other end. Before the attachment is activated. */
  accept(attachment: string, points: readonly DrivePoint[]): Promise<void>;
  /** Resolves when nothing of it is touched any more. */
  detach(attachment: string): Promise<void>;
  /** Puts a medium into the drive, in the place of what is there. */
  insert(vmId: string, drive: number, medium: MediumSpec): Promise<MediumInfo>;
  /** Takes the medium out. False: the guest has locked it and was asked to let it go. */
  eject(vmId: string, drive: number, force: boolean): Promise<boolean>;
  /** The VM has left this host. Its drives stay if another host of the tab has it. */
  leave(vmId: string): Promise<void>;
  /** The VM is deleted. */
  remove(vmId: string): Promise<void>;
  /** The host is gone: with it, VMs that no other host of the tab has. */
  close(): Promise<void>;
}

/** Connects a host with the block worker of its tab. */
export type ConnectDrives = (onProblem: (problem: DriveProblem) => void) => DriveStore;
