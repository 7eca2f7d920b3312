// What a monitor may ask of the machine that the runner runs, and what it hears of it. Both monitors stand on this.

import type { DriveStatus, HostApi, NicSpec, VmStatus } from '../../engine/host/api.ts';
import type { GuestEvent } from '../../engine/vmkernel/vm/guest-event.ts';
import { checkImage } from '../common/image-check.ts';
import type { ScreenPicture } from './screen-picture.ts';

export type MachineEvent =
  | { kind: 'stop' | 'resume' | 'powerdown' }
  /** `asked`: by a monitor. */
  | { kind: 'reset' | 'shutdown'; asked: boolean }
  | { kind: 'guest'; event: GuestEvent }
  /** A medium was taken out of the drive, or put in. */
  | { kind: 'tray'; drive: NamedDrive; open: boolean };

export interface NamedDrive {
  /** As -drive id= has it, or as QEMU calls drives without one: ide0-hd0, ide1-cd0, floppy0, virtio0. */
  name: string;
  index: number;
}

/** A network card with what it is connected to. */
export interface NamedNic {
  name: string;
  spec: NicSpec;
  /** As -netdev id= has it. */
  netdev: string;
  /** What that is, for the user. */
  netdevText: string;
}

type VmCalls = 'pause' | 'resume' | 'registers' | 'sendInput' | 'ejectMedium' | 'insertMedium';
type OfThisVm<F> = F extends (vmId: string, ...rest: infer R) => infer T ? (...rest: R) => T : never;

/** Of its host's calls those that are for one VM, as HostApi describes them. */
type MachineCalls = { [Name in VmCalls]: OfThisVm<HostApi[Name]> };

export interface Machine extends MachineCalls {
  /** -name, if it was given. */
  readonly name: string | undefined;
  readonly drives: readonly NamedDrive[];
  readonly nics: readonly NamedNic[];
  status(): Promise<VmStatus>;
  /** Also starts a machine that is off, which -no-shutdown leaves. */
  reset(): Promise<void>;
  powerdown(): Promise<void>;
  /** Rejects if it has no screen, or is off. */
  screen(): Promise<ScreenPicture>;
  quit(): void;
  /** Returns the function that unsubscribes. */
  onEvent(listener: (event: MachineEvent) => void): () => void;
}

/** The words of QEMU's RunState ("QEMU QMP Reference Manual", VM run state) that fit. */
export type RunState = 'running' | 'paused' | 'prelaunch' | 'shutdown' | 'guest-panicked' | 'internal-error';

export function runState({ power, guest }: Pick<VmStatus, 'power' | 'guest'>): RunState {
  if (power === 'starting') return 'prelaunch';
  if (power === 'off') return 'shutdown';
  if (power === 'crashed') return 'internal-error';
  if (power === 'paused') return 'paused';
  return guest?.kind === 'panicked' ? 'guest-panicked' : 'running';
}

/** Throws an Error that names it if there is no such drive. */
export function driveNamed(machine: Machine, name: string): NamedDrive {
  const drive = machine.drives.find((one) => one.name === name);
  if (!drive) throw new NoSuchDevice(name);
  return drive;
}

export class NoSuchDevice extends Error {
  override name = 'NoSuchDevice';

  constructor(device: string) {
    super(`Device '${device}' not found`);
  }
}

export function isRemovable({ model }: Pick<DriveStatus, 'model'>): boolean {
  return model === 'ide-cd' || model === 'floppy';
}

/** Takes the medium out. Rejects with an Error for the user when the guest does not let it go. */
export async function eject(machine: Machine, drive: NamedDrive, force: boolean): Promise<void> {
  await checkRemovable(machine, drive);
  if (await machine.ejectMedium(drive.index, force)) return;
  throw new Error(`Device '${drive.name}' is locked and force was not specified, wait for tray to open and try again`);
}

/** Puts a file in. `isRaw`: its format was told. Rejects with an Error for the user. */
export async function change(
  machine: Machine,
  drive: NamedDrive,
  file: string,
  { readOnly = false, force = false, isRaw = false } = {},
): Promise<void> {
  if (!isRaw) await checkImage(file);
  const status = await checkRemovable(machine, drive);
  if (status.medium) await eject(machine, drive, force);
  await machine.insertMedium(drive.index, {
    name: file,
    source: { kind: 'path', path: file },
    readOnly: readOnly || status.model === 'ide-cd',
  });
}

async function checkRemovable(machine: Machine, { name, index }: NamedDrive): Promise<DriveStatus> {
  const status = (await machine.status()).drives?.[index];
  if (!status || !isRemovable(status)) throw new Error(`Device '${name}' is not removable`);
  return status;
}
