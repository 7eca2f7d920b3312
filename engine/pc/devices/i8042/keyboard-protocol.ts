// What a keyboard is told and answers (IBM PS/2 Hardware Interface Technical Reference, "Keyboard (101- and 102-Key)", "Commands
// from the System" and "Commands to the System").

export const COMMAND = {
  setLeds: 0xed,
  echo: 0xee,
  scanCodeSet: 0xf0,
  identify: 0xf2,
  typematic: 0xf3,
  enable: 0xf4,
  disable: 0xf5,
  defaults: 0xf6,
  allTypematic: 0xf7,
  allMakeBreak: 0xf8,
  allMake: 0xf9,
  allTypematicMakeBreak: 0xfa,
  keyTypematic: 0xfb,
  keyMakeBreak: 0xfc,
  keyMake: 0xfd,
  resend: 0xfe,
  reset: 0xff,
} as const;

export const ACKNOWLEDGE = 0xfa;
export const RESEND = 0xfe;
export const SELF_TEST_PASSED = 0xaa;
export const IDENTITY = [0xab, 0x83];
/** Took the place of the 17th byte; in set 1 it is ffh. */
export const OVERRUN = 0x00;
export const OVERRUN_SET1 = 0xff;

/** 10.9 characters a second after half a second. */
export const DEFAULT_TYPEMATIC = 0x2b;

const MS = 1e6;

/** ns before a key repeats: bits 5 and 6. */
export function repeatDelay(typematic: number): number {
  return (((typematic >> 5) & 3) + 1) * 250 * MS;
}

/** ns between repeats: (8 + A) × 2^B × 4.17 ms with A in bits 0 to 2 and B in bits 3 and 4. */
export function repeatPeriod(typematic: number): number {
  return (8 + (typematic & 7)) * 2 ** ((typematic >> 3) & 3) * 4.17 * MS;
}
