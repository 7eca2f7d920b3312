// What a key sends when it is pressed, repeats and is released, by scan code set (IBM PS/2 Hardware Interface Technical Reference,
// "Keyboard (101- and 102-Key)", "Scan Code Set 1" to "3").
//
// As keyboards do on which Num Lock is off, no shift codes are sent around the keys beside the numeric pad, but for PrtSc.

import type { Key } from '../../input/key-table.ts';

const PREFIX = 0xe0;
const BREAK_PREFIX = 0xf0;
const BREAK_SET1 = 0x80;

export interface Modifiers {
  shift: boolean;
  control: boolean;
  alt: boolean;
}

export interface KeyCodes {
  make: number[];
  repeat: number[];
  /** Empty: none is sent. */
  release: number[];
}

/** Undefined: the set has no code for it. */
export function codesOf(key: Key, set: number, modifiers: Modifiers): KeyCodes | undefined {
  if (set !== 3) {
    if (key.code === 'PrintScreen') return printScreen(set, modifiers);
    if (key.code === 'Pause') return pause(set, modifiers);
  }
  const make = key.make[set];
  if (make === undefined) return undefined;
  const codes = [...(make > 0xff ? [PREFIX] : []), make & 0xff];
  return {
    make: codes,
    repeat: key.silentRelease ? [] : codes,
    release: key.silentRelease && set !== 3 ? [] : released(set, make),
  };
}

function released(set: number, make: number): number[] {
  const prefix = make > 0xff ? [PREFIX] : [];
  return set === 1 ? [...prefix, (make & 0xff) | BREAK_SET1] : [...prefix, BREAK_PREFIX, make & 0xff];
}

/** With Alt it is SysRq. A shift that is not pressed is sent around it. */
function printScreen(set: number, { shift, control, alt }: Modifiers): KeyCodes {
  if (alt) {
    const make = set === 1 ? 0x54 : 0x84;
    return { make: [make], repeat: [make], release: released(set, make) };
  }
  const [code, leftShift] = set === 1 ? [0xe037, 0xe02a] : [0xe07c, 0xe012];
  const make = [PREFIX, code & 0xff];
  if (shift || control) return { make, repeat: make, release: released(set, code) };
  return {
    make: [PREFIX, leftShift & 0xff, ...make],
    repeat: make,
    release: [...released(set, code), ...released(set, leftShift)],
  };
}

/** With Ctrl it is Break. It sends its release at once. */
function pause(set: number, { control }: Modifiers): KeyCodes {
  const [one, two] = set === 1 ? [0x1d, 0x45] : [0x14, 0x77];
  const make = control
    ? [PREFIX, set === 1 ? 0x46 : 0x7e, ...released(set, set === 1 ? 0xe046 : 0xe07e)]
    : [0xe1, one, two, 0xe1, ...released(set, one), ...released(set, two)];
  return { make, repeat: [], release: [] };
}
