// The state of a command on the disk: before there is one, and as the bytes of the command phase say it (82077AA, 5.1).
import type { DiskCommand } from './commands.ts';
import type { DiskOperationState } from './persist.ts';
import * as R from './registers.ts';

const MULTI_TRACK = 0x80;
const SKIP = 0x20;

/** `command`: its bytes. */
export function begunOperation(name: DiskCommand, command: readonly number[]): DiskOperationState {
  const [first, select, cylinder = 0, idHead = 0, record = 0, sizeCode = 0, endOfTrack = 0, , last = 0] = command;
  const begun = {
    ...idleOperation(),
    command: name,
    unit: select & R.UNIT,
    head: select & R.HEAD ? 1 : 0,
    multiTrack: (first & MULTI_TRACK) !== 0 && name !== 'readTrack',
    skip: (first & SKIP) !== 0,
    step: last === 2 ? 2 : 1,
  };
  if (name === 'format') {
    const [, , size, sectors, , filler] = command;
    return { ...begun, sizeCode: size, endOfTrack: sectors, parameter: filler };
  }
  const sectorsToVerify = name === 'verify' && select & R.VERIFY_COUNTS ? last || 256 : 0;
  return { ...begun, cylinder, idHead, record, sizeCode, endOfTrack, parameter: sectorsToVerify };
}

export function idleOperation(): DiskOperationState {
  return {
    command: '',
    unit: 0,
    head: 0,
    multiTrack: false,
    skip: false,
    cylinder: 0,
    idHead: 0,
    record: 0,
    sizeCode: 0,
    endOfTrack: 0,
    step: 1,
    parameter: 0,
    phase: 'idle',
    sectors: 0,
    position: 0,
    single: false,
    terminal: false,
    st1: 0,
    st2: 0,
    scan: 'equal',
    fill: [],
    mediumCount: 0,
    data: [],
  };
}
