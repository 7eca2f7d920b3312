// The commands (82077AA data sheet, table 5-1; 82078, table 5-1): a byte is the first one that matches `code` under `mask`. `length`
// counts the bytes of the command phase, its first included.

interface Command {
  readonly code: number;
  readonly mask: number;
  readonly length: number;
}

export const COMMANDS = {
  readTrack: { code: 0x02, mask: 0xbf, length: 9 },
  specify: { code: 0x03, mask: 0xff, length: 3 },
  senseDriveStatus: { code: 0x04, mask: 0xff, length: 2 },
  write: { code: 0x05, mask: 0x3f, length: 9 },
  read: { code: 0x06, mask: 0x1f, length: 9 },
  recalibrate: { code: 0x07, mask: 0xff, length: 2 },
  senseInterrupt: { code: 0x08, mask: 0xff, length: 1 },
  writeDeleted: { code: 0x09, mask: 0x3f, length: 9 },
  readId: { code: 0x0a, mask: 0xbf, length: 2 },
  readDeleted: { code: 0x0c, mask: 0x1f, length: 9 },
  format: { code: 0x0d, mask: 0xbf, length: 6 },
  dumpRegisters: { code: 0x0e, mask: 0xff, length: 1 },
  seek: { code: 0x0f, mask: 0xff, length: 3 },
  version: { code: 0x10, mask: 0xff, length: 1 },
  scanEqual: { code: 0x11, mask: 0x1f, length: 9 },
  perpendicular: { code: 0x12, mask: 0xff, length: 2 },
  configure: { code: 0x13, mask: 0xff, length: 4 },
  lock: { code: 0x14, mask: 0x7f, length: 1 },
  verify: { code: 0x16, mask: 0x1f, length: 9 },
  powerDown: { code: 0x17, mask: 0xff, length: 2 },
  partId: { code: 0x18, mask: 0xff, length: 1 },
  scanLowOrEqual: { code: 0x19, mask: 0x1f, length: 9 },
  scanHighOrEqual: { code: 0x1d, mask: 0x1f, length: 9 },
  save: { code: 0x2e, mask: 0xff, length: 1 },
  option: { code: 0x33, mask: 0xff, length: 2 },
  restore: { code: 0x4e, mask: 0xff, length: 17 },
  relativeSeek: { code: 0x8f, mask: 0xbf, length: 3 },
  /** Ends with a byte of its own, DRIVE_SPECIFICATION_DONE, after one for each of up to four drives. */
  driveSpecification: { code: 0x8e, mask: 0xff, length: 6 },
} as const satisfies Record<string, Command>;

export const DRIVE_SPECIFICATION_DONE = 0x80;

export type CommandName = keyof typeof COMMANDS;

/** Those with an execution phase on the disk, and results ST0..2, C, H, R, N. */
export const DISK_COMMANDS = [
  'read',
  'readDeleted',
  'readTrack',
  'readId',
  'write',
  'writeDeleted',
  'format',
  'verify',
  'scanEqual',
  'scanLowOrEqual',
  'scanHighOrEqual',
] as const satisfies readonly CommandName[];
export type DiskCommand = (typeof DISK_COMMANDS)[number];

export function isDiskCommand(name: CommandName): name is DiskCommand {
  return (DISK_COMMANDS as readonly CommandName[]).includes(name);
}

/** Undefined: an invalid code. */
export function commandOf(byte: number): CommandName | undefined {
  const names = Object.keys(COMMANDS) as CommandName[];
  return names.find((name) => (byte & COMMANDS[name].mask) === COMMANDS[name].code);
}
