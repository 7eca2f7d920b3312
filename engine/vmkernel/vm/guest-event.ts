// What a guest does by itself beside printing: events for the consoles, and the condition of a VM whose guest will not go on
// although nothing is wrong with the VM. Plain structured-cloneable data.

export interface GuestEvent {
  kind:
    | 'powered-off'
    | 'reset'
    /** It wrote to isa-debug-exit. */
    | 'exited'
    /** The CPU halted and nothing can wake it. */
    | 'halted'
    | 'panicked'
    /** Its clock is behind by a stop that was too long to be made up for (pc/bus/clock.ts). */
    | 'stood-still'
    /** The VM has been stopped: its CPU cannot go on, or resets itself in a loop. */
    | 'crashed';
  /** The reason, as user-facing text without a full stop; empty where the kind says it all. */
  detail: string;
  /** What it wrote to isa-debug-exit. */
  value?: number;
}

/** Ends with the next reset. It moves with the VM. */
export interface GuestCondition {
  kind: 'halted' | 'panicked';
  detail: string;
}

export const HALTED_DETAIL = 'it halted with interrupts off';

const WORDS: Record<GuestEvent['kind'], string> = {
  'powered-off': 'has powered itself off',
  reset: 'has reset itself',
  exited: 'has ended itself',
  halted: 'has stopped',
  panicked: 'has panicked',
  'stood-still': 'stood still, and its clock with it',
  crashed: 'has stopped',
};

/** What to say of it after the VM's name; the event's detail says why. */
export function guestEventWords({ kind }: GuestEvent): string {
  return WORDS[kind];
}

/** A kernel's message, behind the time stamp and level that Linux may put before it. */
const PANIC_LINE = /^(?:<\d+>)?(?:\[\s*\d+\.\d+\](?:\[[^\]]*\])? *)?(Kernel panic - not syncing: ?.*)$/;

/** The last line by which Linux says that it panics; undefined if there is none. `text`: the end of what was printed. */
export function panicMessage(text: string): string | undefined {
  return text
    .split(/\r?\n/)
    .map((line) => PANIC_LINE.exec(line.trimEnd())?.[1])
    .findLast((message) => message !== undefined);
}

/** It came over a wire. */
export function isGuestCondition(value: unknown): value is GuestCondition {
  const condition = value as Partial<GuestCondition> | null | undefined;
  return (condition?.kind === 'halted' || condition?.kind === 'panicked') && typeof condition.detail === 'string';
}
