// A console's calls to a host, as they go over the line between them (both in engine time of their own: no clock is compared).
//
// A call must not be carried out after its caller has abandoned it: the host may have been frozen while it waited. So
// the host numbers what it sends (beats), every call says which number its console has heard last, and the host knows
// how old that is by its own clock: the call is no older. What is not provably fresh is not carried out but answered with a
// number just made; a console that still waits asks again with it.
//
// Invariant: FRESH_MS < CALL_LIMIT_MS. No call begins FRESH_MS after it was made, none is abandoned before CALL_LIMIT_MS.

import type { Timebase } from '../base/timebase.ts';
import type { HostApi, HostEvent } from './api.ts';

/** A console waits so long for a call to begin, ms. */
export const CALL_LIMIT_MS = 8000;
/** A host begins only calls that are younger, ms. */
export const FRESH_MS = 5000;
/** Calls that have begun end when their host has been silent for so long, ms. Not migrations: see ENDLESS. */
export const SILENT_CALL_LIMIT_MS = 30_000;

/** What a console may call, and how: `lasting` ones say at once that they have begun. */
export const METHODS: Record<keyof HostApi, 'prompt' | 'lasting'> = {
  info: 'prompt',
  status: 'prompt',
  setLink: 'prompt',
  createVm: 'lasting',
  deleteVm: 'lasting',
  powerOn: 'lasting',
  powerOff: 'lasting',
  reset: 'lasting',
  pause: 'prompt',
  resume: 'prompt',
  registers: 'prompt',
  pressPowerButton: 'prompt',
  shutDownGuest: 'lasting',
  readSerial: 'prompt',
  serialInput: 'prompt',
  readScreen: 'prompt',
  closeScreen: 'prompt',
  setTerminalSize: 'prompt',
  sendInput: 'prompt',
  typeText: 'prompt',
  stopTyping: 'prompt',
  readSpeaker: 'prompt',
  runInGuest: 'lasting',
  freezeGuest: 'lasting',
  thawGuest: 'lasting',
  serialReply: 'prompt',
  insertMedium: 'lasting',
  ejectMedium: 'lasting',
  admission: 'prompt',
  migrate: 'lasting',
  agreeToDowntime: 'prompt',
  cancelMigration: 'prompt',
  setPortGroup: 'prompt',
  removePortGroup: 'prompt',
  setAddressPool: 'prompt',
  releaseUnusedLeases: 'prompt',
  setV86Network: 'prompt',
  startCapture: 'prompt',
  readCapture: 'prompt',
  captureFile: 'prompt',
  stopCapture: 'prompt',
  discardCapture: 'prompt',
  regions: 'prompt',
  regionCode: 'prompt',
  shutdown: 'lasting',
};

/**
 * Waited for as long as the host lives: where the VM is in the end only the host can say. What is shown meanwhile is that it
 * is silent.
 */
export const ENDLESS: ReadonlySet<string> = new Set<keyof HostApi>(['migrate']);

/** What ends the host: the line may close before the answer has come, and that is an answer. */
export const ENDS_THE_HOST: ReadonlySet<string> = new Set<keyof HostApi>(['shutdown']);

export interface HostCall {
  id: number;
  method: string;
  args: unknown[];
  /** The last beat that the console has heard; 0 before the first. */
  heard: number;
}

export type HostReply =
  | { result: unknown }
  /** Not carried out: it was too old. With this beat it may be asked for again. */
  | { expired: number };

/** Host → console, beside Comlink's messages. */
export interface LineMessage {
  event?: HostEvent;
  beat?: number;
  /** The call of this number is being carried out. */
  begun?: number;
}

/** Beats made within this time of each other have one number, ms. */
const BEAT_MS = 250;
const BEATS_KEPT = 2 * Math.ceil(FRESH_MS / BEAT_MS);

/** The numbers of one line, at the host. */
export class Beats {
  readonly #timebase: Timebase;
  /** When each was made; the last is number `#next - 1`. */
  readonly #made: number[] = [];
  #next = 1;

  constructor(timebase: Timebase) {
    this.#timebase = timebase;
  }

  /** One that is at most BEAT_MS old. */
  current(): number {
    const now = this.#timebase.now();
    if (now - (this.#made.at(-1) ?? Number.NEGATIVE_INFINITY) > BEAT_MS) {
      this.#made.push(now);
      if (this.#made.length > BEATS_KEPT) this.#made.shift();
      this.#next += 1;
    }
    return this.#next - 1;
  }

  isFresh(beat: number): boolean {
    const made = this.#made[this.#made.length - (this.#next - beat)];
    return made !== undefined && this.#timebase.now() - made <= FRESH_MS;
  }
}
