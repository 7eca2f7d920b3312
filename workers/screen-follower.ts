// Follows one VM's screen while the VM moves between hosts: keeps a copy of the video memory that is shown, from which any number of views
// draw, each only what has changed for it.
//
// It pulls: after each reading the host says once that there is more, and the next frame of whoever looks comes first. One call is
// under way at a time. While nobody looks nothing is asked for.

import { inflateSync } from 'fflate';
import { PAGE_SIZE } from '../engine/base/sizes.ts';
import type { ScreenChunk } from '../engine/host/api.ts';
import type { DisplayState } from '../engine/pc/bus/display.ts';
import { type Blink, NO_BLINK } from '../engine/pc/display/blink.ts';
import { renderDisplay } from '../engine/pc/display/render.ts';
import { type DisplayTarget, displayTarget, type LineRange } from '../engine/pc/display/target.ts';
import { type TextScreen, textScreen } from '../engine/pc/display/text-screen.ts';
import { PullLoop, type PullOutcome } from './pull-loop.ts';

/** Asks the host where the VM is now. `fresh`: nothing is known of the screen. Rejects while the VM is at none or the host does not answer. */
export type ReadScreen = (fresh: boolean) => Promise<ScreenChunk>;

export interface ScreenTiming {
  /** Resolves when a picture may be shown next. */
  frame(): Promise<void>;
  delay(ms: number): Promise<void>;
}

/** What one canvas shows of it. */
export interface ScreenView {
  readonly target: DisplayTarget;
  /** Draws what has changed since the last call. Returns the lines. */
  render(blink: Blink): LineRange[];
  close(): void;
}

interface ViewState {
  /** Pages written since it was drawn. */
  bits: Uint32Array;
  all: boolean;
}

export class ScreenFollower {
  readonly #read: ReadScreen;
  readonly #onChange: () => void;
  readonly #loop: PullLoop;
  readonly #views = new Set<ViewState>();
  #state: DisplayState | undefined;
  #vram = new Uint8Array(0);
  #fresh = true;

  /** `onChange`: there is something to draw, or the VM was switched off. */
  constructor(read: ReadScreen, onChange: () => void, timing: ScreenTiming) {
    this.#read = read;
    this.#onChange = onChange;
    this.#loop = new PullLoop({
      before: () => timing.frame(),
      attempt: () => this.#readOn(),
      delay: (ms) => timing.delay(ms),
    });
  }

  /** Undefined: the VM is off, or nothing has been read yet. */
  get state(): DisplayState | undefined {
    return this.#state;
  }

  /** Undefined in a graphics mode, and while there is no picture. */
  text(): TextScreen | undefined {
    return this.#state && textScreen(this.#state, this.#vram);
  }

  /** There is, or may be, something to read: at the start, and when the host says so. */
  pull(): void {
    this.#loop.pull();
  }

  /** The VM is at another host: that knows nothing of what was read. The picture stays until there is another. */
  moved(): void {
    this.#fresh = true;
    this.pull();
  }

  /** Nobody looks for a while, and the host has been told: what it shows then is read from the beginning. The picture stays. */
  rested(): void {
    this.#fresh = true;
  }

  stop(): void {
    this.#loop.stop();
  }

  open(): ScreenView {
    const view: ViewState = { bits: new Uint32Array(this.#pageWords), all: true };
    const target = displayTarget();
    this.#views.add(view);
    return {
      target,
      render: (blink) => this.#render(view, target, blink),
      close: () => this.#views.delete(view),
    };
  }

  #render(view: ViewState, target: DisplayTarget, blink: Blink): LineRange[] {
    if (!this.#state) return [];
    const lines = renderDisplay(
      this.#state,
      this.#vram,
      view.all ? 'all' : { bits: view.bits, first: 0 },
      blink,
      target,
    );
    view.all = false;
    view.bits.fill(0);
    return lines;
  }

  async #readOn(): Promise<PullOutcome> {
    const fresh = this.#fresh;
    this.#fresh = false;
    const chunk = await this.#read(fresh)
      .then(unpacked)
      .catch(() => undefined);
    if (!chunk) {
      // What the host has sent may not have arrived.
      this.#fresh = true;
      return 'failed';
    }
    if (this.#loop.stopped) return 'caught-up';
    this.#take(chunk);
    return chunk.more && !chunk.off ? 'more' : 'caught-up';
  }

  #take({ state, pages, bytes, off }: ScreenChunk): void {
    if (off) {
      this.#state = undefined;
      this.#fresh = true;
    } else {
      if (state) this.#adopt(state);
      this.#storeAll(pages, bytes);
      if (!state && pages.length === 0) return;
    }
    this.#onChange();
  }

  #adopt(state: DisplayState): void {
    this.#state = state;
    const size = state.memory.pages * PAGE_SIZE;
    if (this.#vram.length === size) return;
    this.#vram = new Uint8Array(size);
    for (const view of this.#views) Object.assign(view, { bits: new Uint32Array(this.#pageWords), all: true });
  }

  /** Pages that follow each other are copied together. A host that says more than there is is not believed. */
  #storeAll(pages: Uint32Array, bytes: Uint8Array): void {
    const most = Math.floor(this.#vram.length / PAGE_SIZE);
    const count = Math.min(pages.length, Math.floor(bytes.length / PAGE_SIZE));
    for (let n = 0; n < count; ) {
      const first = pages[n]!;
      const start = n++;
      while (n < count && pages[n] === first + (n - start)) n++;
      const end = Math.min(n - start, most - first);
      if (end <= 0) continue;
      this.#vram.set(bytes.subarray(start * PAGE_SIZE, (start + end) * PAGE_SIZE), first * PAGE_SIZE);
      for (const { bits } of this.#views)
        for (let page = first; page < first + end; page++) bits[page >> 5]! |= 1 << (page & 31);
    }
  }

  get #pageWords(): number {
    return Math.ceil(this.#vram.length / PAGE_SIZE / 32);
  }
}

/** Throws on what is no deflate stream of that length. */
function unpacked(chunk: ScreenChunk): ScreenChunk {
  if (!chunk.compressed) return chunk;
  return { ...chunk, bytes: inflateSync(chunk.bytes, { out: new Uint8Array(chunk.pages.length * PAGE_SIZE) }) };
}

/** The whole of a screen as it is now, for a file: nothing blinks. Undefined if there is no picture. */
export function stillPicture(follower: ScreenFollower): DisplayTarget | undefined {
  if (!follower.state) return undefined;
  const view = follower.open();
  view.render(NO_BLINK);
  view.close();
  return view.target;
}
