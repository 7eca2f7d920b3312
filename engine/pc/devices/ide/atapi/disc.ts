// What a disc is: profile, and the replies that describe it as a whole (MMC-5, §6.22, §6.27 and §6.23; MMC-3 for CD and DVD).

import { bytesOf16, bytesOf32, withLength } from './bytes.ts';

export const BLOCK_SIZE = 2048;

export const PROFILE_NONE = 0x0000;
export const PROFILE_CD_ROM = 0x0008;
export const PROFILE_DVD_ROM = 0x0010;

/** 80 minutes, the longest CD. */
const CD_BLOCKS = 80 * 60 * 75;

/** Of a disc of that many blocks. */
export function profileOf(blocks: number | undefined): number {
  if (blocks === undefined) return PROFILE_NONE;
  return blocks > CD_BLOCKS ? PROFILE_DVD_ROM : PROFILE_CD_ROM;
}

/** READ DISC INFORMATION: complete, one session, one track. */
export function discInformation(): Uint8Array {
  const complete = 0x0e;
  const unrestricted = 0x20;
  return withLength([complete, 1, 1, 1, 1, unrestricted, ...new Array<number>(26).fill(0)]);
}

/** READ TRACK INFORMATION of the only track. */
export function trackInformation(blocks: number): Uint8Array {
  const data = 0x04;
  const mode1 = 0x01;
  const nothing = bytesOf32(0);
  return withLength([
    ...[1, 1, 0, data, mode1, 0],
    ...[...nothing, ...nothing, ...nothing, ...nothing], // start, next writable block, free blocks, packet size
    ...bytesOf32(blocks),
    ...nothing, // last recorded address: not valid
    ...[0, 0, 0, 0],
  ]);
}

const PHYSICAL = 0x00;
const COPYRIGHT = 0x01;
const MANUFACTURER = 0x04;
const LIST = 0xff;
/** Of the physical formats and of the manufacturer's data. */
const DVD_PAGE = 2048;
/** Physical number of a DVD's first block. */
const DVD_START = 0x30000;

/** READ DVD STRUCTURE; undefined: there is no such one. */
export function dvdStructure(format: number, blocks: number): Uint8Array | undefined {
  const padded = (bytes: readonly number[], size: number) => [
    0,
    0,
    ...bytes,
    ...new Array(size - bytes.length).fill(0),
  ];
  switch (format) {
    case PHYSICAL: {
      const first = bytesOf32(DVD_START);
      const last = bytesOf32(DVD_START + blocks - 1);
      // DVD-ROM part version 1, 120 mm at the highest rate, one layer of embossed data, usual density.
      return withLength(padded([0x01, 0x0f, 0x01, 0x00, ...first, ...last, ...bytesOf32(0), 0], DVD_PAGE));
    }
    case COPYRIGHT: // none, all regions
      return withLength(padded([], 4));
    case MANUFACTURER:
      return withLength(padded([], DVD_PAGE));
    case LIST: {
      const entry = (code: number, size: number) => [code, 0x40, ...bytesOf16(size + 4)];
      const entries = [...entry(PHYSICAL, DVD_PAGE), ...entry(COPYRIGHT, 4), ...entry(MANUFACTURER, DVD_PAGE)];
      return withLength([0, 0, ...entries]);
    }
    default:
      return undefined;
  }
}
