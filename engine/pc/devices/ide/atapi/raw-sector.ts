// A sector of a CD-ROM as READ CD can ask for it: sync pattern, header, 2048 bytes of data, error detection and correction codes of mode 1
// (ECMA-130, §14 and annex A). Images hold the data alone; the rest is computed.

import { minutes } from './address.ts';
import { BLOCK_SIZE } from './disc.ts';

/** Bits of READ CD's byte 9. */
export const SYNC = 0x80;
export const HEADER = 0x20;
export const USER_DATA = 0x10;
export const CODES = 0x08;

/** The parts in their order on the disc, with where they begin and end. */
const PARTS = [
  { bit: SYNC, from: 0, to: 12 },
  { bit: HEADER, from: 12, to: 16 },
  { bit: USER_DATA, from: 16, to: 16 + BLOCK_SIZE },
  { bit: CODES, from: 16 + BLOCK_SIZE, to: 2352 },
];
const SECTOR_SIZE = 2352;
const EDC = 2064;
const P_PARITY = 2076;
const Q_PARITY = 2248;
/** Where what the correction codes protect begins. */
const PROTECTED = 12;
const P_VECTORS = 86;
const Q_VECTORS = 52;
/** Words of 16 bits that Q runs through: header, data, EDC, padding and P. */
const Q_WORDS = 1118;

/** Where the selected parts begin and end in a sector; undefined when they do not follow each other. */
export function selectedPart(parts: number): { from: number; to: number } | undefined {
  const chosen = PARTS.filter(({ bit }) => parts & bit);
  const contiguous = chosen.every(({ from }, n) => n === 0 || chosen[n - 1].to === from);
  if (!contiguous) return undefined;
  return { from: chosen.at(0)?.from ?? 0, to: chosen.at(-1)?.to ?? 0 };
}

/** The whole sector around a block's data. */
export function rawSector(block: number, data: Uint8Array): Uint8Array {
  const sector = new Uint8Array(SECTOR_SIZE);
  sector.fill(0xff, 1, 11);
  sector.set([...minutes(block).map(bcd), 1], 12);
  sector.set(data, 16);
  new DataView(sector.buffer).setUint32(EDC, errorDetection(sector.subarray(0, EDC)), true);
  for (let column = 0; column < P_VECTORS; column++)
    protect(sector, P_PARITY + column, P_VECTORS, 24, (n) => column + P_VECTORS * n);
  // The diagonals run through words, for their lower and their upper bytes alike, and P's parity is part of them.
  for (let vector = 0; vector < Q_VECTORS; vector++) {
    const diagonal = vector >> 1;
    protect(sector, Q_PARITY + vector, Q_VECTORS, 43, (n) => 2 * ((44 * n + 43 * diagonal) % Q_WORDS) + (vector & 1));
  }
  return sector;
}

function bcd(value: number): number {
  return Math.floor(value / 10) * 16 + (value % 10);
}

/** x³² + x³¹ + x¹⁶ + x¹⁵ + x⁴ + x³ + x + 1, least significant bit first. */
const EDC_POLYNOMIAL = 0xd8018001;
const EDC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ EDC_POLYNOMIAL : value >>> 1;
  return value;
});

function errorDetection(bytes: Uint8Array): number {
  let code = 0;
  for (const byte of bytes) code = (code >>> 8) ^ EDC_TABLE[(code ^ byte) & 0xff];
  return code >>> 0;
}

/** Multiplication by x in the field of x⁸ + x⁴ + x³ + x² + 1. */
function timesX(value: number): number {
  return ((value << 1) ^ (value & 0x80 ? 0x11d : 0)) & 0xff;
}

/** Division by x + 1. */
const OVER_X_PLUS_1 = (() => {
  const table = new Uint8Array(256);
  for (let value = 0; value < 256; value++) table[value ^ timesX(value)] = value;
  return table;
})();

/**
 * Puts the two parity bytes of one vector at `to` and `distance` behind it, so that the bytes sum up to 0, and also when each is multiplied
 * by one power of x less than the one before, the last by 1. `position` counts from the header.
 */
function protect(
  sector: Uint8Array,
  to: number,
  distance: number,
  length: number,
  position: (n: number) => number,
): void {
  let sum = 0;
  let weighted = 0;
  for (let n = 0; n < length; n++) {
    const byte = sector[PROTECTED + position(n)];
    sum ^= byte;
    weighted = timesX(weighted) ^ byte;
  }
  // a + b = sum, and a x + b = weighted x².
  const a = OVER_X_PLUS_1[timesX(timesX(weighted)) ^ sum];
  sector[to] = a;
  sector[to + distance] = a ^ sum;
}
