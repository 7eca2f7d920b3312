import type { Upgrades } from '../../../base/upgrades.ts';

/** Indices of the table of keys are those of pc/input/key-table.ts; times are guest time, ns since power-on. */
export interface KeyboardState {
  /** Scan codes that wait to be read, oldest first. */
  buffer: number[];
  /** Answers to the last command: they go first. */
  replies: number[];
  /** Of the last byte sent, for "resend". */
  last: number;
  /** Command whose data byte comes next; 0: none. */
  expecting: number;
  scanning: boolean;
  /** Bit 0 scroll, 1 num, 2 caps lock. */
  leds: number;
  /** 1 to 3. */
  set: number;
  /** As command F3h had it. */
  typematic: number;
  /** What keys of set 3 send, by index: 0 as by default, 1 typematic, 2 make/break, 3 make, 4 typematic without break. */
  types: number[];
  /** Keys whose press the guest has been sent, by index. */
  held: number[];
  /** Released meanwhile; there has been no room to send it. */
  owed: number[];
  /** The modifiers with which PrtSc was pressed: bit 0 Shift, 1 Ctrl, 2 Alt. */
  printScreen: number;
  /** The buffer has overrun, and the guest has been sent the code for it. */
  overrun: boolean;
  /** The key that repeats, -1: none. */
  repeating: number;
  repeatAt: number;
}

export interface MouseState {
  replies: number[];
  /** What is left of the packet that is being sent. */
  packet: number[];
  last: number;
  expecting: number;
  streaming: boolean;
  remote: boolean;
  wrapped: boolean;
  /** Twice the motion for larger ones. */
  accelerated: boolean;
  /** 0 to 3: 1, 2, 4, 8 counts per mm. */
  resolution: number;
  /** Reports per second. */
  rate: number;
  /** 0 standard, 3 IntelliMouse, 4 IntelliMouse Explorer. */
  kind: number;
  /** It reports the horizontal wheel too. */
  horizontal: boolean;
  /** The last three sample rates: a driver asks by them for another kind. */
  rates: number[];
  /** What has not been reported yet, oldest first; the last takes in what comes. */
  moves: MouseMove[];
  /** The buttons that were reported last. */
  reported: number;
  nextReport: number;
}

export interface MouseMove {
  dx: number;
  dy: number;
  wheel: number;
  horizontalWheel: number;
  buttons: number;
}

export interface KeyQueueState {
  /**
   * Characters, each as its keys: index, with 256 for Shift, 512 for AltGr; and between them changes of keys, each alone: index with
   * 1024, and 256 for a press.
   */
  waiting: number[][];
  /** What is left of the one that is under way: index, with 256 for a press. */
  steps: number[];
  nextStep: number;
  /** Keys whose press was taken and whose release was not, by index, in the order in which they were pressed. */
  held: number[];
}

export interface KeyboardControllerState {
  version: 3;
  status: number;
  /** Controller RAM; byte 0 is the command byte. */
  ram: Uint8Array;
  /** What port 60h reads. */
  data: number;
  /** Command whose data byte is expected next at port 60h, 0 if none. */
  expecting: number;
  /** The controller's own answer that waits for the output buffer, -1: none; `answerFlags` are its bits in the status. */
  answer: number;
  answerFlags: number;
  /** The keyboard's next byte is of a key that was released: the prefix was taken out. */
  released: boolean;
  /** When a byte can have come from keyboard or mouse. */
  lineFree: number;
  keyboard: KeyboardState;
  mouse: MouseState;
  keyQueue: KeyQueueState;
}

/** As version 2 was; made of version 1 it has no `typer`. */
interface KeyboardControllerState2 {
  keyboard: KeyboardState;
  typer?: { characters: number[][]; steps: number[]; nextStep: number };
}

/** @param fresh a controller after power-on: there was neither keyboard nor mouse before */
export function keyboardControllerUpgrades(fresh: KeyboardControllerState): Upgrades {
  return {
    1: (form: object) => ({ ...fresh, ...form }),
    // Text alone waited; what was pressed was what the keyboard held.
    2: ({ typer, ...form }: KeyboardControllerState2) => ({
      ...fresh,
      ...form,
      ...(typer && {
        keyQueue: { waiting: typer.characters, steps: typer.steps, nextStep: typer.nextStep, held: form.keyboard.held },
      }),
    }),
  };
}
