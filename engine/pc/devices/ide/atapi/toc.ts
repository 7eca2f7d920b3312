// READ TOC/PMA/ATIP (MMC-5, §6.26) for a disc of one session with one data track.

import { addressBytes, minutes } from './address.ts';
import { withLength } from './bytes.ts';

/** A data track that must not be copied digitally, with its position in the sub-channel. */
const DATA_TRACK = 0x14;
const FIRST_TRACK = 1;
const LEAD_OUT = 0xaa;

/** `first`: the track from which on. Undefined: there is no such track. */
export function tracks(blocks: number, first: number, asMinutes: boolean): Uint8Array | undefined {
  if (first > FIRST_TRACK && first !== LEAD_OUT) return undefined;
  const entry = (track: number, block: number) => [0, DATA_TRACK, track, 0, ...addressBytes(block, asMinutes)];
  const track = first === LEAD_OUT ? [] : entry(FIRST_TRACK, 0);
  return withLength([1, 1, ...track, ...entry(LEAD_OUT, blocks)]);
}

export function sessions(asMinutes: boolean): Uint8Array {
  return withLength([1, 1, 0, DATA_TRACK, FIRST_TRACK, 0, ...addressBytes(0, asMinutes)]);
}

/** The entries of the lead-in's sub-channel, always in minutes. */
export function rawEntries(blocks: number): Uint8Array {
  const entry = (point: number, position: readonly number[]) => [1, DATA_TRACK, 0, point, 0, 0, 0, 0, ...position];
  return withLength([
    1,
    1,
    ...entry(0xa0, [FIRST_TRACK, 0, 0]),
    ...entry(0xa1, [FIRST_TRACK, 0, 0]),
    ...entry(0xa2, minutes(blocks)),
    ...entry(FIRST_TRACK, minutes(0)),
  ]);
}
