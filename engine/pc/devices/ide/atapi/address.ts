// Addresses on a CD: blocks of 2048 bytes from 0 on, or minutes, seconds and frames, of which the first two seconds lie
// before block 0 (MMC-5, §4.2.3.3).

import { bytesOf32 } from './bytes.ts';

export const FRAMES = 75;
export const SECONDS = 60;
const BEFORE_FIRST = 2 * FRAMES;

/** Minute, second, frame, in binary. */
export function minutes(block: number): [minute: number, second: number, frame: number] {
  const frames = block + BEFORE_FIRST;
  return [Math.floor(frames / (FRAMES * SECONDS)) & 0xff, Math.floor(frames / FRAMES) % SECONDS, frames % FRAMES];
}

/** The block; undefined: there is no such address. */
export function blockAt(minute: number, second: number, frame: number): number | undefined {
  const block = (minute * SECONDS + second) * FRAMES + frame - BEFORE_FIRST;
  return second < SECONDS && frame < FRAMES && block >= 0 ? block : undefined;
}

/** Four bytes, as replies have it. */
export function addressBytes(block: number, asMinutes: boolean): number[] {
  return asMinutes ? [0, ...minutes(block)] : bytesOf32(block);
}
