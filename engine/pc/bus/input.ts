// What keyboards and pointing devices are to the machine: they take what the user does, and tell what the guest has set.

/** Bits of `buttons`, as in the DOM's MouseEvent.buttons. */
export const BUTTON = { left: 1, right: 2, middle: 4, back: 8, forward: 16 } as const;
export const ALL_BUTTONS = 31;

/** What a pointing device did since the event before. Motion and wheels are whole numbers to a device. */
export interface PointerInput {
  /** Motion in counts, to the right and down. */
  dx: number;
  dy: number;
  /** Where it is on the screen, 0 to 1 from the left and from the top: only devices that are absolute take it. */
  position?: { x: number; y: number };
  /** Notches, towards the user and to the right, as the DOM's WheelEvent counts them. */
  wheel: number;
  horizontalWheel: number;
  /** Those held now. */
  buttons: number;
}

export interface Leds {
  scrollLock: boolean;
  numLock: boolean;
  capsLock: boolean;
}

/** A character as keys: pressed one after the other, each with the modifiers that it needs. */
export interface TypedKey {
  /** KeyboardEvent.code. */
  code: string;
  shift: boolean;
  altGr: boolean;
}

/** Characters that a keyboard takes ahead, to be typed. */
export const TYPING_LIMIT = 4096;

/** Presses and releases that wait for the guest to read: as many as QEMU's. */
export const KEY_CHANGE_LIMIT = 1024;

export interface Keyboard {
  readonly leds: Leds;
  /** Characters that wait to be typed. */
  readonly typing: number;
  /**
   * `code`: KeyboardEvent.code; one that there is no key for is ignored. Pressing a key again that is held is too. Waits for
   * room in the keyboard's buffer, behind what is being typed; if too much waits already, press and release are dropped.
   */
  key(code: string, pressed: boolean): void;
  releaseAll(): void;
  /** Has characters typed, as fast as the guest reads them. False: there is no room for all of them now, and none is taken. */
  type(characters: readonly (readonly TypedKey[])[]): boolean;
  stopTyping(): void;
}

export interface Pointer {
  /** Has the guest's driver switched it on? */
  readonly active: boolean;
  /** Those held now stay in `buttons` of the next event. */
  move(input: PointerInput): void;
}

/** A mouse that counts motion. */
export interface Mouse extends Pointer {
  /** Has it report although it was not moved: for a pointing device that has no interrupt of its own. */
  notify(): void;
}

/** What a machine tells of its keyboard and pointing devices. */
export interface InputState {
  leds: Leds;
  /** Characters that wait to be typed. */
  typing: number;
  /** A driver listens to the mouse, or to the device for positions. */
  mouseActive: boolean;
  /** The guest takes positions (PointerInput.position): its pointer need not be captured. */
  absolutePointer: boolean;
}

/** After power-on. */
export const INITIAL_INPUT: InputState = {
  leds: { scrollLock: false, numLock: false, capsLock: false },
  typing: 0,
  mouseActive: false,
  absolutePointer: false,
};

export type InputEvent =
  /** `code`: KeyboardEvent.code. */
  | { kind: 'key'; code: string; pressed: boolean }
  | ({ kind: 'pointer' } & PointerInput)
  /** Keys and buttons: whoever held them is gone. */
  | { kind: 'release-all' };
