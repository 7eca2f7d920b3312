// The registers of an ATA device as a guest reaches them (ATA/ATAPI-6, §5 and §7).
//
// Command block, offsets from 1F0h or 170h, read / write:
//   0 data   1 error / features   2 sector count   3 LBA low   4 LBA mid   5 LBA high   6 device   7 status / command
// Control block, 3F6h or 376h: alternate status / device control.

export const ERROR = 1;
const COUNT = 2;
const LBA_LOW = 3;
const LBA_MID = 4;
const LBA_HIGH = 5;
export const DEVICE = 6;
export const STATUS = 7;

export const BSY = 0x80;
export const DRDY = 0x40;
/** Device fault. */
export const DF = 0x20;
/** Seek complete, as devices of before ATA-4 have it. */
export const DSC = 0x10;
export const DRQ = 0x08;
export const ERR = 0x01;

/** Of a read: uncorrectable. */
export const UNC = 0x40;
/** Of a write: the medium is write-protected. */
export const WP = 0x40;
export const IDNF = 0x10;
export const ABRT = 0x04;

/** Device register. */
export const LBA = 0x40;
export const DEV = 0x10;
/** Bits that devices of before ATA-4 want to be one. */
export const OBSOLETE = 0xa0;

/** Device control. */
export const HOB = 0x80;
export const SRST = 0x04;
export const NIEN = 0x02;

/** Reset, or the result of a diagnosis: device 0 passed, and device 1 if there is one. */
export const DIAGNOSTIC_PASSED = 0x01;

/** The registers that keep what was written before: 48-bit commands have parameters of two bytes. */
export interface Parameters {
  features: number;
  count: number;
  low: number;
  mid: number;
  high: number;
}

export interface TaskFile extends Parameters {
  previous: Parameters;
  device: number;
  error: number;
  status: number;
}

const BY_OFFSET: Readonly<Record<number, keyof Parameters>> = {
  [ERROR]: 'features',
  [COUNT]: 'count',
  [LBA_LOW]: 'low',
  [LBA_MID]: 'mid',
  [LBA_HIGH]: 'high',
};

export function emptyTaskFile(): TaskFile {
  const parameters = { features: 0, count: 0, low: 0, mid: 0, high: 0 };
  return { ...parameters, previous: { ...parameters }, device: 0, error: 0, status: 0 };
}

/** The guest writes a register other than data and command. */
export function writeRegister(file: TaskFile, offset: number, value: number): void {
  const name = BY_OFFSET[offset];
  if (name) {
    file.previous[name] = file[name];
    file[name] = value;
  } else file.device = value | OBSOLETE;
}

/** The guest reads a register other than data. `previous`: what the register had before the last write (HOB). */
export function readRegister(file: TaskFile, offset: number, previous: boolean): number {
  if (offset === ERROR) return file.error;
  if (offset === DEVICE) return file.device;
  if (offset === STATUS) return file.status;
  return (previous ? file.previous : file)[BY_OFFSET[offset] ?? 'count'];
}
