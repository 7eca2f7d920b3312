// The packet commands of a CD drive, as a table: operation code → what it needs, and what it comes to (MMC-5, §6; SPC-3, §6).

import { addressBytes, blockAt } from './address.ts';
import { be16, be24, be32, bytesOf16, bytesOf32 } from './bytes.ts';
import { configuration } from './configuration.ts';
import { BLOCK_SIZE, discInformation, dvdStructure, PROFILE_DVD_ROM, profileOf, trackInformation } from './disc.ts';
import { CURRENT, modePages, SAVED } from './mode-pages.ts';
import { failed, type Outcome, type PacketUnit } from './packet-unit.ts';
import type { Sense } from './persist.ts';
import { selectedPart, USER_DATA } from './raw-sector.ts';
import * as S from './sense.ts';
import { rawEntries, sessions, tracks } from './toc.ts';

/** `blocks`: of the disc; 0 without one. */
type Handler = (unit: PacketUnit, packet: Uint8Array, blocks: number) => Outcome;

interface Command {
  handler: Handler;
  /** Fails without a medium. */
  medium?: true;
  /** Done while a unit attention waits, which stays (MMC-5, §4.1.6.1). */
  passes?: true;
}

const DONE: Outcome = { kind: 'done' };
const done: Handler = () => DONE;
/** The disc has no audio: there is nothing to be played. */
const wrongTrack: Handler = () => failed(S.WRONG_TRACK_MODE);

const COMMANDS: Readonly<Record<number, Command>> = {
  0: { handler: done, medium: true }, // TEST UNIT READY
  3: { handler: (unit, packet) => reply(S.senseData(unit.takeSense()), packet[4]), passes: true }, // REQUEST SENSE
  18: { handler: inquiry, passes: true },
  21: { handler: (_, packet) => receive(packet[4]) }, // MODE SELECT(6)
  26: { handler: modeSense6 },
  27: { handler: startStop },
  30: { handler: preventRemoval },
  35: { handler: formatCapacities },
  37: { handler: capacity, medium: true },
  40: { handler: (_, packet, blocks) => read(be32(packet, 2), be16(packet, 7), blocks), medium: true }, // READ(10)
  43: { handler: (_, packet, blocks) => read(be32(packet, 2), 0, blocks), medium: true }, // SEEK(10)
  47: { handler: verify, medium: true },
  53: { handler: done, medium: true }, // SYNCHRONIZE CACHE
  66: { handler: subchannel, medium: true },
  67: { handler: toc, medium: true },
  68: { handler: readHeader, medium: true },
  69: { handler: wrongTrack, medium: true }, // PLAY AUDIO(10)
  70: { handler: getConfiguration, passes: true },
  71: { handler: wrongTrack, medium: true }, // PLAY AUDIO MSF
  72: { handler: wrongTrack, medium: true }, // PLAY AUDIO TRACK INDEX
  74: { handler: eventStatus, passes: true },
  75: { handler: () => failed(S.COMMAND_SEQUENCE), medium: true }, // PAUSE/RESUME
  78: { handler: done, medium: true }, // STOP PLAY/SCAN
  81: { handler: (_, packet) => reply(discInformation(), be16(packet, 7)), medium: true }, // READ DISC INFORMATION
  82: { handler: trackInfo, medium: true },
  85: { handler: (_, packet) => receive(be16(packet, 7)) }, // MODE SELECT(10)
  90: { handler: modeSense10 },
  165: { handler: wrongTrack, medium: true }, // PLAY AUDIO(12)
  168: { handler: (_, packet, blocks) => read(be32(packet, 2), be32(packet, 6), blocks), medium: true }, // READ(12)
  173: { handler: readDvdStructure, medium: true },
  185: { handler: readCdMinutes, medium: true },
  187: { handler: done }, // SET CD SPEED
  189: { handler: mechanismStatus },
  190: { handler: (_, packet, blocks) => readCd(packet, be32(packet, 2), be24(packet, 6), blocks), medium: true },
};

export const MODE_SELECT_6 = 0x15;

/** Carries a packet of 12 bytes out, as far as the medium is not needed for it. */
export function carryOut(unit: PacketUnit, packet: Uint8Array): Outcome {
  const command = COMMANDS[packet[0]];
  const refused = refusal(unit, command);
  if (refused) return failed(refused);
  return command.handler(unit, packet, unit.blocks ?? 0);
}

function refusal(unit: PacketUnit, command: Command | undefined): Sense | undefined {
  const attention = command?.passes ? undefined : unit.takeAttention();
  if (attention) return attention;
  if (!command) return S.NO_SUCH_COMMAND;
  return command.medium && unit.blocks === undefined ? unit.notReady : undefined;
}

/** What a list of parameters comes to. */
export function takeParameters(unit: PacketUnit, packet: Uint8Array, list: Uint8Array): Outcome {
  return unit.selectModes(list, packet[0] === MODE_SELECT_6 ? 4 : 8);
}

function reply(bytes: ArrayLike<number>, room: number): Outcome {
  return { kind: 'data', bytes: Uint8Array.from(bytes).subarray(0, room) };
}

function receive(length: number): Outcome {
  return length === 0 ? DONE : { kind: 'receive', length };
}

// ---- About the drive

function inquiry(unit: PacketUnit, packet: Uint8Array): Outcome {
  const vitalData = (packet[1] & 1) !== 0;
  if (vitalData) return vitalProductData(unit, packet);
  if (packet[2] !== 0) return failed(S.INVALID_FIELD);
  // CD, removable, no version of SCSI, ATAPI with replies of the usual format.
  return reply(
    [5, 0x80, 0, 0x21, 31, 0, 0, 0, ...ascii('tabvisor', 8), ...ascii('CD-ROM', 16), ...ascii('1.0', 4)],
    packet[4],
  );
}

const SUPPORTED_PAGES = 0x00;
const SERIAL_PAGE = 0x80;

function vitalProductData({ serial }: PacketUnit, packet: Uint8Array): Outcome {
  const page = packet[2];
  if (page === SUPPORTED_PAGES) return reply([5, page, 0, 2, SUPPORTED_PAGES, SERIAL_PAGE], packet[4]);
  if (page === SERIAL_PAGE) return reply([5, page, 0, serial.length, ...ascii(serial, serial.length)], packet[4]);
  return failed(S.INVALID_FIELD);
}

function ascii(text: string, length: number): number[] {
  return Array.from(text.padEnd(length, ' '), (character) => character.charCodeAt(0));
}

function getConfiguration({ blocks }: PacketUnit, packet: Uint8Array): Outcome {
  const type = packet[1] & 3;
  if (type === 3) return failed(S.INVALID_FIELD);
  return reply(configuration(profileOf(blocks), type, be16(packet, 2)), be16(packet, 7));
}

/** Media events, the only class. */
const MEDIA_CLASS = 4;
const NO_EVENTS = 0x80;

function eventStatus(unit: PacketUnit, packet: Uint8Array): Outcome {
  const polled = (packet[1] & 1) !== 0;
  if (!polled) return failed(S.INVALID_FIELD);
  const room = be16(packet, 7);
  const supported = 1 << MEDIA_CLASS;
  if (!(packet[4] & supported)) return reply([0, 2, NO_EVENTS, supported], room);
  const status = (unit.trayOpen ? 1 : 0) | (unit.blocks === undefined ? 0 : 2);
  // An event counts as reported only when there was room for it.
  return reply([0, 6, MEDIA_CLASS, supported, room > 4 ? unit.takeEvent() : 0, status, 0, 0], room);
}

function mechanismStatus({ trayOpen }: PacketUnit, packet: Uint8Array): Outcome {
  return reply([0, trayOpen ? 0x10 : 0, 0, 0, 0, 1, 0, 0], be16(packet, 8));
}

/** Medium type of a mode header (SFF-8020i, table 75): as many drivers of that age look at it. */
function mediumType({ blocks, trayOpen }: PacketUnit): number {
  if (trayOpen) return 0x71;
  return blocks === undefined ? 0x70 : 0x01;
}

function modeSense6(unit: PacketUnit, packet: Uint8Array): Outcome {
  return modeSense(unit, packet, packet[4], (pages) => [pages.length + 3, mediumType(unit), 0, 0]);
}

function modeSense10(unit: PacketUnit, packet: Uint8Array): Outcome {
  return modeSense(unit, packet, be16(packet, 7), (pages) => [
    ...bytesOf16(pages.length + 6),
    mediumType(unit),
    0,
    0,
    0,
    0,
    0,
  ]);
}

function modeSense(
  unit: PacketUnit,
  packet: Uint8Array,
  room: number,
  header: (pages: Uint8Array) => number[],
): Outcome {
  const control = packet[2] >> 6;
  if (control === SAVED) return failed(S.SAVING_UNSUPPORTED);
  const pages = modePages(packet[2] & 0x3f, control, unit.modeValues);
  if (!pages || (packet[3] !== 0 && control === CURRENT)) return failed(S.INVALID_FIELD);
  return reply([...header(pages), ...pages], room);
}

// ---- Tray

function startStop(unit: PacketUnit, packet: Uint8Array): Outcome {
  const powerCondition = packet[4] >> 4;
  const moveTray = (packet[4] & 2) !== 0;
  const start = (packet[4] & 1) !== 0;
  if (powerCondition !== 0 || !moveTray) return DONE;
  return start ? unit.closeTray() : unit.openTray();
}

function preventRemoval(unit: PacketUnit, packet: Uint8Array): Outcome {
  unit.setLocked((packet[4] & 1) !== 0);
  return DONE;
}

// ---- About the disc

function capacity(_unit: PacketUnit, _packet: Uint8Array, blocks: number): Outcome {
  return reply([...bytesOf32(Math.max(blocks - 1, 0)), ...bytesOf32(BLOCK_SIZE)], 8);
}

const FORMATTED = 2;
const NO_MEDIUM_PRESENT = 3;

function formatCapacities({ blocks }: PacketUnit, packet: Uint8Array): Outcome {
  const type = blocks === undefined ? NO_MEDIUM_PRESENT : FORMATTED;
  const size = bytesOf32(BLOCK_SIZE).slice(1);
  return reply([0, 0, 0, 8, ...bytesOf32(blocks ?? 0), type, ...size], be16(packet, 7));
}

function toc(_unit: PacketUnit, packet: Uint8Array, blocks: number): Outcome {
  const asMinutes = (packet[1] & 2) !== 0;
  // Drivers of before MMC have the format in the last byte.
  const format = packet[2] & 15 || packet[9] >> 6;
  const room = be16(packet, 7);
  if (format === 1) return reply(sessions(asMinutes), room);
  if (format === 2) return reply(rawEntries(blocks), room);
  const list = format === 0 ? tracks(blocks, packet[6], asMinutes) : undefined;
  return list ? reply(list, room) : failed(S.INVALID_FIELD);
}

const NO_AUDIO_STATUS = 0x15;
const CURRENT_POSITION = 1;
const CATALOGUE_NUMBER = 2;
const RECORDING_CODE = 3;

function subchannel(_unit: PacketUnit, packet: Uint8Array): Outcome {
  const room = be16(packet, 7);
  const wanted = (packet[2] & 0x40) !== 0;
  if (!wanted) return reply([0, NO_AUDIO_STATUS, 0, 0], room);
  const format = packet[3];
  const asMinutes = (packet[1] & 2) !== 0;
  const header = (length: number) => [0, NO_AUDIO_STATUS, 0, length, format];
  if (format === CURRENT_POSITION) {
    const start = addressBytes(0, asMinutes);
    return reply([...header(12), 0x14, 1, 1, ...start, ...addressBytes(0, false)], room);
  }
  // Numbers that the disc does not have.
  if (format === CATALOGUE_NUMBER || format === RECORDING_CODE)
    return reply([...header(20), ...new Array(19).fill(0)], room);
  return failed(S.INVALID_FIELD);
}

function readHeader(_unit: PacketUnit, packet: Uint8Array, blocks: number): Outcome {
  const lba = be32(packet, 2);
  if (lba >= blocks) return failed(S.OUT_OF_RANGE);
  const mode1 = 0x01;
  return reply([mode1, 0, 0, 0, ...addressBytes(lba, (packet[1] & 2) !== 0)], be16(packet, 7));
}

/** Of the address given as a block, as a track or as a session. */
function trackInfo(_unit: PacketUnit, packet: Uint8Array, blocks: number): Outcome {
  const type = packet[1] & 3;
  const address = be32(packet, 2);
  const isThere = type === 0 ? address < blocks : type !== 3 && address === 1;
  return isThere ? reply(trackInformation(blocks), be16(packet, 7)) : failed(S.INVALID_FIELD);
}

function readDvdStructure(_unit: PacketUnit, packet: Uint8Array, blocks: number): Outcome {
  if (profileOf(blocks) !== PROFILE_DVD_ROM) return failed(S.INCOMPATIBLE_MEDIUM);
  const layer = packet[6];
  const structure = layer === 0 ? dvdStructure(packet[7], blocks) : undefined;
  return structure ? reply(structure, be16(packet, 8)) : failed(S.INVALID_FIELD);
}

// ---- Data of the disc

function read(lba: number, count: number, blocks: number, parts = USER_DATA): Outcome {
  if (lba + count > blocks || lba >= blocks) return failed(S.OUT_OF_RANGE);
  return count === 0 ? DONE : { kind: 'read', lba, count, parts };
}

function verify(_unit: PacketUnit, packet: Uint8Array, blocks: number): Outcome {
  return be32(packet, 2) + be16(packet, 7) > blocks ? failed(S.OUT_OF_RANGE) : DONE;
}

/** Expected sector types of READ CD: any, or mode 1. */
const ANY_TYPE = 0;
const MODE_1 = 2;
/** Bits of byte 9: pointers to errors. */
const ERROR_POINTERS = 0x06;

function readCd(packet: Uint8Array, lba: number, count: number, blocks: number): Outcome {
  const type = (packet[1] >> 2) & 7;
  const parts = packet[9] & 0xf8;
  const subchannels = packet[10] & 7;
  const part = selectedPart(parts);
  if (!part || packet[9] & ERROR_POINTERS || subchannels !== 0) return failed(S.INVALID_FIELD);
  if (type !== ANY_TYPE && type !== MODE_1) return failed(S.WRONG_TRACK_MODE);
  return read(lba, part.from === part.to ? 0 : count, blocks, parts);
}

/** READ CD MSF: from and up to an address in minutes. */
function readCdMinutes(_unit: PacketUnit, packet: Uint8Array, blocks: number): Outcome {
  const [start, end] = [3, 6].map((at) => blockAt(packet[at], packet[at + 1], packet[at + 2]));
  if (start === undefined || end === undefined || end < start) return failed(S.INVALID_FIELD);
  return readCd(packet, start, end - start, blocks);
}
