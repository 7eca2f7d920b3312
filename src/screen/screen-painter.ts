// Paints a VM's screen on a canvas: what has changed, when it changes, and what blinks while a text mode is shown.

import { blinkAt, NO_BLINK } from '../../engine/pc/display/blink.ts';
import type { ScreenFollower, ScreenView } from '../../workers/screen-follower.ts';

/** Frames a second of a text mode's screen, by which blinking is counted. */
const FRAME_RATE = 70;
/** Blinking changes every 8 frames. */
const BLINK_MS = (8 * 1000) / FRAME_RATE;

export interface PictureSize {
  /** Of the canvas, in the guest's pixels. */
  width: number;
  height: number;
  /** As it is to be shown, in square pixels. */
  shownWidth: number;
  shownHeight: number;
}

export class ScreenPainter {
  readonly #follower: ScreenFollower;
  readonly #view: ScreenView;
  readonly #canvas: HTMLCanvasElement;
  readonly #onSize: (size: PictureSize | undefined) => void;
  #image: ImageData | undefined;
  #shown = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onSize`: the mode is another one; undefined: there is no picture. */
  constructor(follower: ScreenFollower, canvas: HTMLCanvasElement, onSize: (size: PictureSize | undefined) => void) {
    this.#follower = follower;
    this.#view = follower.open();
    this.#canvas = canvas;
    this.#onSize = onSize;
  }

  paint(): void {
    clearTimeout(this.#timer);
    const { state } = this.#follower;
    if (!state) {
      this.#tellSize(undefined);
      return;
    }
    const isText = state.picture.kind === 'text';
    const lines = this.#view.render(isText ? blinkAt(Math.floor((performance.now() * FRAME_RATE) / 1000)) : NO_BLINK);
    this.#put(lines);
    // A hidden page shows nothing that blinks.
    if (isText && this.#canvas.ownerDocument.visibilityState === 'visible')
      this.#timer = setTimeout(() => this.paint(), BLINK_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#view.close();
  }

  #put(lines: readonly { first: number; count: number }[]): void {
    const { width, height, scaleX, scaleY, pixels } = this.#view.target;
    if (width === 0 || height === 0) return;
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    if (this.#image?.width !== width || this.#image.height !== height || this.#image.data.buffer !== pixels.buffer)
      this.#image = new ImageData(
        new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, width * height * 4),
        width,
        height,
      );
    if (this.#canvas.width !== width || this.#canvas.height !== height) Object.assign(this.#canvas, { width, height });
    this.#tellSize({ width, height, shownWidth: width * scaleX, shownHeight: height * scaleY });
    for (const { first, count } of lines) context.putImageData(this.#image, 0, 0, 0, first, width, count);
  }

  #tellSize(size: PictureSize | undefined): void {
    const shown = JSON.stringify(size) ?? '';
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#onSize(size);
  }
}
