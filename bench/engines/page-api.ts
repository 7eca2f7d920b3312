// What every page of the bench offers to the harness, as `window.bench`. Plain data, because it crosses into the browser.
import type { DriveModel } from '../images/guest-image.ts';
import type { SerialMatch } from '../measure/serial-log.ts';

export interface PageGuest {
  /** Without it, SeaBIOS boots from a drive. */
  linux?: { kernelUrl: string; initrdUrl: string; commandLine: string };
  drives: { model: DriveModel; url: string }[];
  memoryMiB: number;
  network?: boolean;
}

export interface BenchPage {
  /** Resolves when the guests, by host, have been started. Time 0 of everything is the call. */
  start(hosts: PageGuest[][]): Promise<void>;
  waitFor(guest: number, pattern: string, timeoutMs: number): Promise<SerialMatch>;
  send(guest: number, text: string): Promise<void>;
  /** Paints the screen of the first guest in the page from now on, or no more. */
  showScreen(shown: boolean): Promise<void>;
  /** Pictures that were painted so far, each unlike the one before. */
  shownFrames(): Promise<number>;
  /** The engine's own figures, as user-facing text; empty if it has none. */
  figures(): Promise<string>;
}

declare global {
  interface Window {
    bench: BenchPage;
  }
}
