// The machine that a guest of the catalogue needs.
import type { DriveSpec } from '../../engine/host/api.ts';
import { STANDARD_DEVICES } from '../../engine/vmkernel/spec/machine-spec.ts';
import type { GuestImage } from '../session/catalogue.ts';
import { firmwareMachine, SCREEN } from './firmware-machine.ts';
import { recommendedCommandLine } from './recommended-command-line.ts';

/** Empty: by it files that are dropped on the VM reach its guest. */
export const CD_DRIVE: DriveSpec = { model: 'ide-cd', properties: { bus: 1, unit: 0 } };

/** What of a specification the guest says: how it starts, its drives and devices. `name`: of the VM. */
export function guestMachine({ kernel, initrd, commandLine, drives }: GuestImage, name: string) {
  if (drives) {
    const { firmware, specs } = drives;
    return { commandLine: '', drives: withCdDrive(specs), ...firmwareMachine(firmware, SCREEN) };
  }
  return {
    ...{ kernel, initrd, drives: [CD_DRIVE], devices: STANDARD_DEVICES },
    commandLine: recommendedCommandLine(commandLine, name),
  };
}

function withCdDrive(drives: DriveSpec[]): DriveSpec[] {
  return drives.some(({ model }) => model === CD_DRIVE.model) ? drives : [...drives, CD_DRIVE];
}
