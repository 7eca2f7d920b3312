// The controller after its resets.
import type { DiskOperationState, FloppyControllerState } from './persist.ts';
import * as R from './registers.ts';

/** By the machine's reset: in reset until DOR lets it go. */
export function afterReset(operation: DiskOperationState): FloppyControllerState {
  return {
    version: 1,
    digitalOutput: 0,
    tapeDrive: 0,
    dataRate: R.RATE_AFTER_RESET,
    phase: 'reset',
    command: [],
    result: [],
    interrupt: false,
    resultInterrupt: false,
    senses: [],
    polled: false,
    dueAt: 0,
    seekAt: [0, 0, 0, 0],
    seekSteps: [0, 0, 0, 0],
    seekTarget: [0, 0, 0, 0],
    seekStatus: [0, 0, 0, 0],
    driveBusy: 0,
    cylinders: [0, 0, 0, 0],
    specify: [0, 0],
    configure: R.CONFIGURE_NO_FIFO,
    precompensation: 0,
    perpendicular: 0,
    locked: false,
    powerDown: 0,
    option: 0,
    driveSpecification: [0, 0, 0, 0],
    lastEndOfTrack: 0,
    headPositions: [],
    changed: [],
    mediumCounts: [],
    operation: operation,
  };
}

/** By a program. The FIFO's parameters go, unless LOCK protects them (82077AA, LOCK); what else was set up stays. */
export function afterSoftwareReset(
  { digitalOutput, tapeDrive, specify, locked, powerDown, option, driveSpecification, ...old }: FloppyControllerState,
  operation: DiskOperationState,
): FloppyControllerState {
  return {
    ...afterReset(operation),
    digitalOutput,
    tapeDrive,
    specify,
    locked,
    powerDown,
    option,
    driveSpecification,
    dataRate: old.dataRate & ~R.DSR_POWER_DOWN,
    configure: locked ? old.configure : (old.configure & R.CONFIGURE_UNLOCKED) | R.CONFIGURE_NO_FIFO,
    precompensation: locked ? old.precompensation : 0,
    perpendicular: old.perpendicular & R.PERPENDICULAR_DRIVES,
  };
}
