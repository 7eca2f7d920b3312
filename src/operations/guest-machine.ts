// The machine that a guest of the catalogue needs.
import { STANDARD_DEVICES } from '../../engine/vmkernel/spec/machine-spec.ts';
import type { GuestImage } from '../session/catalogue.ts';
import { firmwareMachine, SCREEN } from './firmware-machine.ts';
import { recommendedCommandLine } from './recommended-command-line.ts';

/** What of a specification the guest says: how it starts, its drives and devices. `name`: of the VM. */
export function guestMachine({ kernel, initrd, commandLine, drives }: GuestImage, name: string) {
  if (drives) return { commandLine: '', drives: drives.specs, ...firmwareMachine(drives.firmware, SCREEN) };
  return {
    ...{ kernel, initrd, devices: STANDARD_DEVICES },
    commandLine: recommendedCommandLine(commandLine, name),
  };
}
