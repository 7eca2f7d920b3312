// Mode pages (MMC-5, §7; SFF-8020i, §10.8.6 for those of older drives): what MODE SENSE reports and MODE SELECT may change.

export const ERROR_RECOVERY = 0x01;
export const AUDIO_CONTROL = 0x0e;
const DEVICE_PARAMETERS = 0x0d;
const POWER_CONDITION = 0x1a;
const CAPABILITIES = 0x2a;
const ALL = 0x3f;

/** Which values of a page. */
export const CURRENT = 0;
export const CHANGEABLE = 1;
export const SAVED = 3;

/** Error recovery: parameters, retries. */
export const DEFAULT_ERROR_RECOVERY = Uint8Array.of(ERROR_RECOVERY, 6, 0, 5, 0, 0, 0, 0);
/** Audio control: immediate, two outputs at full volume. */
export const DEFAULT_AUDIO_CONTROL = Uint8Array.of(AUDIO_CONTROL, 14, 4, 0, 0, 0, 0, 75, 1, 0xff, 2, 0xff, 0, 0, 0, 0);

export interface ModeValues {
  errorRecovery: Uint8Array;
  audioControl: Uint8Array;
  locked: boolean;
}

/** kB/s: 24 times the speed of an audio CD. */
const SPEED = 24 * 176;
const BUFFER_KB = 128;

function capabilities(locked: boolean): Uint8Array {
  const page = new Uint8Array(20);
  const view = new DataView(page.buffer);
  // Reads CD-R, CD-RW, DVD-ROM, DVD-R; writes nothing; mode 2 in both forms, several sessions; tray that ejects and locks.
  page.set([CAPABILITIES, page.length - 2, 0x1f, 0x00, 0x70, 0x00, 0x29 | (locked ? 2 : 0)]);
  view.setUint16(8, SPEED);
  view.setUint16(12, BUFFER_KB);
  view.setUint16(14, SPEED);
  return page;
}

/** In the order in which all of them are reported. */
const PAGES: readonly { code: number; size: number; current(values: ModeValues): Uint8Array; initial(): Uint8Array }[] =
  [
    { code: ERROR_RECOVERY, size: 8, current: (v) => v.errorRecovery, initial: () => DEFAULT_ERROR_RECOVERY },
    fixed(Uint8Array.of(DEVICE_PARAMETERS, 6, 0, 13, 0, 60, 0, 75)),
    { code: AUDIO_CONTROL, size: 16, current: (v) => v.audioControl, initial: () => DEFAULT_AUDIO_CONTROL },
    fixed(Uint8Array.of(POWER_CONDITION, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
    { code: CAPABILITIES, size: 20, current: (v) => capabilities(v.locked), initial: () => capabilities(false) },
  ];

function fixed(page: Uint8Array) {
  return { code: page[0], size: page.length, current: () => page, initial: () => page };
}

/** Bits of a page that MODE SELECT may set: those of error recovery's parameters and retries, ports and volumes of audio. */
const CHANGEABLE_BYTES: Readonly<Record<number, readonly number[]>> = {
  [ERROR_RECOVERY]: [2, 3],
  [AUDIO_CONTROL]: [2, 8, 9, 10, 11],
};

/** The pages of that code, or all; undefined: there is none. `control`: one of CURRENT, CHANGEABLE, 2 for the initial values. */
export function modePages(code: number, control: number, values: ModeValues): Uint8Array | undefined {
  const pages = PAGES.filter((page) => code === ALL || page.code === code);
  if (pages.length === 0) return undefined;
  const bytes = pages.map((page) => {
    if (control === CURRENT) return page.current(values);
    return control === CHANGEABLE ? changeable(page.code, page.size) : page.initial();
  });
  return Uint8Array.from(bytes.flatMap((page) => [...page]));
}

function changeable(code: number, size: number): Uint8Array {
  const page = new Uint8Array(size);
  page.set([code, size - 2]);
  for (const at of CHANGEABLE_BYTES[code] ?? []) page[at] = 0xff;
  return page;
}

/**
 * The list of pages that MODE SELECT brought, without its header. Returns the pages that change; undefined when a page is unknown, cut off, or
 * of another length.
 */
export function selectedPages(list: Uint8Array, values: ModeValues): Map<number, Uint8Array> | undefined {
  const changed = new Map<number, Uint8Array>();
  for (let at = 0; at < list.length; ) {
    const code = list[at] & 0x3f;
    const page = PAGES.find((known) => known.code === code);
    if (!page || list[at + 1] !== page.size - 2 || at + page.size > list.length) return undefined;
    const bytes = page.current(values).slice();
    for (const offset of CHANGEABLE_BYTES[code] ?? []) bytes[offset] = list[at + offset];
    changed.set(code, bytes);
    at += page.size;
  }
  return changed;
}
