// Sense keys and codes that a CD drive reports (MMC-5, annex F; SPC-3, §4.5).

import type { Sense } from './persist.ts';

const NOT_READY = 0x02;
const MEDIUM_ERROR = 0x03;
const ILLEGAL_REQUEST = 0x05;
const UNIT_ATTENTION = 0x06;

const sense = (key: number, code: number, qualifier = 0): Sense => ({ key, code, qualifier });

export const NO_SENSE = sense(0, 0);
export const NO_MEDIUM = sense(NOT_READY, 0x3a, 0x01);
export const TRAY_OPEN = sense(NOT_READY, 0x3a, 0x02);
export const UNREADABLE = sense(MEDIUM_ERROR, 0x11);
export const LIST_LENGTH = sense(ILLEGAL_REQUEST, 0x1a);
export const NO_SUCH_COMMAND = sense(ILLEGAL_REQUEST, 0x20);
export const OUT_OF_RANGE = sense(ILLEGAL_REQUEST, 0x21);
export const INVALID_FIELD = sense(ILLEGAL_REQUEST, 0x24);
export const INVALID_PARAMETER = sense(ILLEGAL_REQUEST, 0x26);
/** The command does not fit the medium: a structure of a DVD is asked of a CD. */
export const INCOMPATIBLE_MEDIUM = sense(ILLEGAL_REQUEST, 0x30, 0x02);
export const SAVING_UNSUPPORTED = sense(ILLEGAL_REQUEST, 0x39);
export const COMMAND_SEQUENCE = sense(ILLEGAL_REQUEST, 0x2c);
export const REMOVAL_PREVENTED = sense(ILLEGAL_REQUEST, 0x53, 0x02);
/** Audio commands and other sector types: the only track has data. */
export const WRONG_TRACK_MODE = sense(ILLEGAL_REQUEST, 0x64);

/** Unit attentions, by additional sense code. */
export const MEDIUM_MAY_HAVE_CHANGED = 0x28;
export const RESET_OCCURRED = 0x29;

export function attention(code: number): Sense {
  return sense(UNIT_ATTENTION, code);
}

/** Fixed format, 18 bytes. */
export function senseData({ key, code, qualifier }: Sense): Uint8Array {
  const bytes = new Uint8Array(18);
  bytes.set([0x70, 0, key]);
  bytes[7] = bytes.length - 8;
  bytes.set([code, qualifier], 12);
  return bytes;
}
