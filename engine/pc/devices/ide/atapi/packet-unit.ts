// The SCSI side of a CD drive: what each packet asks for, the sense data, the tray (MMC-5; SFF-8020i for audio; SPC-3). How data
// goes to and from the guest is the drive's business (cdrom.ts).

import type { BlockPort } from '../../../bus/block.ts';
import { BLOCK_SIZE } from './disc.ts';
import {
  AUDIO_CONTROL,
  DEFAULT_AUDIO_CONTROL,
  DEFAULT_ERROR_RECOVERY,
  ERROR_RECOVERY,
  selectedPages,
} from './mode-pages.ts';
import type { PacketUnitState, Sense } from './persist.ts';
import * as S from './sense.ts';

/** What a packet comes to. */
export type Outcome =
  | { kind: 'done' }
  | { kind: 'failed'; sense: Sense }
  /** No longer than the guest has room for. */
  | { kind: 'data'; bytes: Uint8Array }
  /** Blocks of the medium. `parts`: what of each sector (raw-sector.ts). */
  | { kind: 'read'; lba: number; count: number; parts: number }
  /** That many bytes of parameters come from the guest. */
  | { kind: 'receive'; length: number };

/** Media events (MMC-5, §6.7.4). */
export const EVENT_NONE = 0;
export const EVENT_EJECT_REQUEST = 1;
const EVENT_NEW_MEDIUM = 2;
const EVENT_REMOVAL = 3;

export class PacketUnit {
  readonly serial: string;
  readonly #port: () => BlockPort;
  #s = afterPowerOn();

  constructor(serial: string, port: () => BlockPort) {
    this.serial = serial;
    this.#port = port;
  }

  // ---- The medium

  /** Blocks of the disc in the closed tray; undefined: there is none. What is left of an image behind whole blocks is no part of it. */
  get blocks(): number | undefined {
    const { medium } = this.#port();
    return this.#s.trayOpen || !medium ? undefined : Math.floor(medium.size / BLOCK_SIZE);
  }

  get trayOpen(): boolean {
    return this.#s.trayOpen;
  }

  get locked(): boolean {
    return this.#s.locked;
  }

  mediumChanged(): void {
    const s = this.#s;
    if (this.#port().medium) {
      s.trayOpen = false;
      s.event = EVENT_NEW_MEDIUM;
      if (!s.attentions.includes(S.MEDIUM_MAY_HAVE_CHANGED)) s.attentions.push(S.MEDIUM_MAY_HAVE_CHANGED);
    } else {
      if (!s.trayOpen) s.event = EVENT_REMOVAL;
      s.trayOpen = true;
    }
  }

  /** The user has pressed the button while the tray is locked. */
  ejectRequested(): void {
    this.#s.event = EVENT_EJECT_REQUEST;
  }

  setLocked(locked: boolean): void {
    this.#s.locked = locked;
    this.#port().setLocked(locked);
  }

  openTray(): Outcome {
    const s = this.#s;
    if (s.locked) return failed(S.REMOVAL_PREVENTED);
    if (!s.trayOpen) {
      s.trayOpen = true;
      if (this.#port().medium) {
        s.event = EVENT_REMOVAL;
        this.#port().eject();
      }
    }
    return DONE;
  }

  closeTray(): Outcome {
    this.#s.trayOpen = false;
    return DONE;
  }

  takeEvent(): number {
    const { event } = this.#s;
    this.#s.event = EVENT_NONE;
    return event;
  }

  // ---- Sense data

  /** Why a command that needs the medium cannot be done. */
  get notReady(): Sense {
    return this.#s.trayOpen ? S.TRAY_OPEN : S.NO_MEDIUM;
  }

  /** The next unit attention, which counts as reported then. */
  takeAttention(): Sense | undefined {
    const code = this.#s.attentions.shift();
    return code === undefined ? undefined : S.attention(code);
  }

  set sense(sense: Sense) {
    this.#s.sense = { ...sense };
  }

  /** What REQUEST SENSE reports, and forgets. */
  takeSense(): Sense {
    const { sense } = this.#s;
    this.#s.sense = { ...S.NO_SENSE };
    return sense.key === 0 ? (this.takeAttention() ?? sense) : sense;
  }

  // ---- Mode pages

  get modeValues() {
    const { errorRecovery, audioControl, locked } = this.#s;
    return { errorRecovery, audioControl, locked };
  }

  /** MODE SELECT's list; `header`: the bytes before the pages. */
  selectModes(list: Uint8Array, header: number): Outcome {
    if (list.length < header) return failed(S.LIST_LENGTH);
    const changed = selectedPages(list.subarray(header), this.modeValues);
    if (!changed) return failed(S.INVALID_PARAMETER);
    this.#s.errorRecovery = changed.get(ERROR_RECOVERY) ?? this.#s.errorRecovery;
    this.#s.audioControl = changed.get(AUDIO_CONTROL) ?? this.#s.audioControl;
    return DONE;
  }

  // ---- Reset and saved form

  /** Power-on or reset of the machine. A medium stays; an open tray stays open. */
  reset(): void {
    const { trayOpen } = this.#s;
    this.#s = { ...afterPowerOn(), trayOpen: trayOpen && !this.#port().medium };
    this.setLocked(false);
  }

  save(): PacketUnitState {
    return structuredClone(this.#s);
  }

  restore(form: PacketUnitState): void {
    this.#s = structuredClone(form);
    this.#port().setLocked(form.locked);
  }
}

const DONE: Outcome = { kind: 'done' };

export function failed(sense: Sense): Outcome {
  return { kind: 'failed', sense };
}

function afterPowerOn(): PacketUnitState {
  return {
    sense: { ...S.NO_SENSE },
    attentions: [S.RESET_OCCURRED],
    trayOpen: false,
    locked: false,
    event: EVENT_NONE,
    errorRecovery: DEFAULT_ERROR_RECOVERY.slice(),
    audioControl: DEFAULT_AUDIO_CONTROL.slice(),
  };
}
