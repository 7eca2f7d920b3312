// Commands that only set and show the controller's parameters (82077AA and 82078 data sheets, control commands).
import { type CommandName, DRIVE_SPECIFICATION_DONE } from './commands.ts';
import type { FloppyControllerState } from './persist.ts';
import * as R from './registers.ts';

/** Rate and precompensation, as SAVE has them of the data rate select register. */
const SAVED_RATE = R.DSR_RATE | 0x1c;
const LOCKED = 0x80;

/** Returns the bytes of the result phase, if it has one. */
export function carryOutOnParameters(
  s: FloppyControllerState,
  name: CommandName,
  command: readonly number[],
): readonly number[] {
  const [first, parameter] = command;
  switch (name) {
    case 'specify':
      s.specify = [command[1], command[2]];
      return [];
    case 'version':
      return [R.VERSION_82077];
    case 'partId':
      return [R.PART_82078_44];
    case 'configure':
      s.configure = command[2] & R.CONFIGURE_MASK;
      s.precompensation = command[3];
      return [];
    case 'lock':
      s.locked = (first & LOCKED) !== 0;
      return [s.locked ? 0x10 : 0];
    case 'perpendicular': {
      // The drives' bits change only with OW (82077AA, PERPENDICULAR MODE).
      const drives = (parameter & R.PERPENDICULAR_OVERWRITE ? parameter : s.perpendicular) & R.PERPENDICULAR_DRIVES;
      s.perpendicular = drives | (parameter & R.PERPENDICULAR_MASK & ~R.PERPENDICULAR_DRIVES);
      return [];
    }
    case 'dumpRegisters':
      return [...s.cylinders, ...parameters(s)];
    case 'powerDown':
      s.powerDown = parameter;
      return [parameter];
    case 'option':
      s.option = parameter & 1;
      return [];
    case 'save':
      return [s.dataRate & SAVED_RATE, s.option, ...s.cylinders, ...parameters(s), s.powerDown, 0, 0, 0];
    case 'restore':
      restoreParameters(s, command.slice(1));
      return [];
    case 'driveSpecification':
      return specifyDrives(s, command.slice(1));
    default:
      return [];
  }
}

/** Six bytes, as DUMPREG and SAVE have them. */
function parameters(s: FloppyControllerState): number[] {
  const flags = (s.locked ? LOCKED : 0) | s.perpendicular;
  return [...s.specify, s.lastEndOfTrack, flags, s.configure, s.precompensation];
}

/** What SAVE has answered (82078, SAVE and RESTORE). */
function restoreParameters(s: FloppyControllerState, bytes: readonly number[]): void {
  s.dataRate = (s.dataRate & ~SAVED_RATE) | (bytes[0] & SAVED_RATE);
  s.option = bytes[1] & 1;
  s.cylinders = bytes.slice(2, 6);
  s.specify = bytes.slice(6, 8);
  s.lastEndOfTrack = bytes[8];
  s.locked = (bytes[9] & LOCKED) !== 0;
  s.perpendicular = bytes[9] & R.PERPENDICULAR_MASK;
  s.configure = bytes[10] & R.CONFIGURE_MASK;
  s.precompensation = bytes[11];
  s.powerDown = bytes[12];
}

/** The last byte says whether there is a result: a byte for each drive. */
function specifyDrives(s: FloppyControllerState, bytes: readonly number[]): readonly number[] {
  for (const byte of bytes)
    if (!(byte & DRIVE_SPECIFICATION_DONE)) s.driveSpecification[(byte >> 5) & R.UNIT] = byte & 0x1f;
  const last = bytes[bytes.length - 1];
  return last & DRIVE_SPECIFICATION_DONE && !(last & R.SPECIFICATION_NO_RESULT) ? s.driveSpecification : [];
}
