// What the harness asks of everything that can run a guest: our engine and its peers, in Node, in Chromium or as a program.
import type { DriveModel, GuestImage } from '../images/guest-image.ts';
import type { ProcessUsage } from '../measure/process-tree.ts';
import type { SerialMatch } from '../measure/serial-log.ts';

export const ENGINE_NAMES = ['tabvisor-node', 'tabvisor-chromium', 'v86-node', 'v86-chromium', 'qemu'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/** Guests by the host that they run on. They are numbered from 0 through all hosts. */
export type Placement = readonly (readonly GuestImage[])[];

/** One guest or several. Times are ms since `start` was called. */
export interface RunningGuests {
  /** Rejects with SerialTimeout. */
  waitFor(pattern: string, timeoutMs: number, guest?: number): Promise<SerialMatch>;
  send(text: string, guest?: number): Promise<void>;
  /** Of the process that is there for the guests, with those under it: the browser for instance. */
  pid: number;
  /** Of all these processes. */
  usage(): ProcessUsage;
  /** Of the first guest; missing where it is not shown. */
  screen?: ShownScreen;
  /** Ends them. Resolves with the engine's own figures about the run, as user-facing text; empty if it has none. */
  stop(): Promise<string>;
}

export interface ShownScreen {
  /** Paints it from now on, or no more. At the start it is not painted. */
  show(shown: boolean): Promise<void>;
  /** Pictures that were painted so far, each unlike the one before. */
  frames(): Promise<number>;
}

export interface Engine {
  name: EngineName;
  /** User-facing message: why it cannot run here and what to do about it; undefined if it can. */
  missing(): string | undefined;
  /** What it emulates of these. */
  drives: readonly DriveModel[];
  start(image: GuestImage): Promise<RunningGuests>;
  /** Guests on one network; missing where the bench knows of none. */
  network?: GuestNetwork;
}

export interface GuestNetwork {
  /** Does it matter to the engine on which host a guest runs? */
  hosts: boolean;
  start(placement: Placement): Promise<RunningGuests>;
}
