// The pointer over the screen. A guest that takes positions gets them as the pointer moves; another one gets motion while the pointer is
// captured. On a touch screen a finger is the pointer where positions are taken, and moves it as on a trackpad where not.

import type { InputEvent } from '../../engine/host/api.ts';

/** Of a DOM's PointerEvent, what is looked at. */
export interface PointerMove {
  pointerType: string;
  clientX: number;
  clientY: number;
  movementX: number;
  movementY: number;
  buttons: number;
}

/** Where the picture lies on the page. */
export interface Rectangle {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A finger that has moved no further than this has tapped, CSS pixels. */
const TAP = 8;
/** A wheel that turns by as many CSS pixels turns by a notch. */
const NOTCH = 100;
/** WheelEvent.deltaMode: lines, and pages. */
const PIXELS_OF_MODE = [1, 33, 400];
const LEFT = 1;

export class PointerInput {
  readonly #push: (event: InputEvent) => void;
  #fraction = { x: 0, y: 0 };
  #wheel = { x: 0, y: 0 };
  #finger: { x: number; y: number; moved: number } | undefined;

  constructor(push: (event: InputEvent) => void) {
    this.#push = push;
  }

  /** The guest takes positions. */
  toPosition({ clientX, clientY, buttons }: PointerMove, picture: Rectangle): void {
    const share = (value: number, size: number) => Math.min(Math.max(size > 0 ? value / size : 0, 0), 1);
    const position = {
      x: share(clientX - picture.left, picture.width),
      y: share(clientY - picture.top, picture.height),
    };
    this.#pointer({ dx: 0, dy: 0, position, buttons });
  }

  /** The pointer is captured. `scale`: CSS pixels for one of the guest's. */
  byMotion({ movementX, movementY, buttons }: PointerMove, scale: number): void {
    this.#move(movementX / scale, movementY / scale, buttons);
  }

  fingerDown({ clientX: x, clientY: y }: PointerMove): void {
    this.#finger = { x, y, moved: 0 };
  }

  fingerMoves({ clientX: x, clientY: y }: PointerMove): void {
    const finger = this.#finger;
    if (!finger) return;
    const [dx, dy] = [x - finger.x, y - finger.y];
    this.#finger = { x, y, moved: finger.moved + Math.abs(dx) + Math.abs(dy) };
    this.#move(dx, dy, 0);
  }

  fingerUp(): void {
    const tapped = this.#finger !== undefined && this.#finger.moved <= TAP;
    this.#finger = undefined;
    if (!tapped) return;
    this.#pointer({ dx: 0, dy: 0, buttons: LEFT });
    this.#pointer({ dx: 0, dy: 0, buttons: 0 });
  }

  /** Whole notches go out, the rest is kept for the next turn. */
  wheel({
    deltaX,
    deltaY,
    deltaMode,
    buttons,
  }: {
    deltaX: number;
    deltaY: number;
    deltaMode: number;
    buttons: number;
  }): void {
    const unit = (PIXELS_OF_MODE[deltaMode] ?? 1) / NOTCH;
    this.#wheel.x += deltaX * unit;
    this.#wheel.y += deltaY * unit;
    const [horizontalWheel, wheel] = [Math.trunc(this.#wheel.x), Math.trunc(this.#wheel.y)];
    if (wheel === 0 && horizontalWheel === 0) return;
    this.#wheel.x -= horizontalWheel;
    this.#wheel.y -= wheel;
    this.#push({ kind: 'pointer', dx: 0, dy: 0, wheel, horizontalWheel, buttons });
  }

  /** Counts are whole. */
  #move(x: number, y: number, buttons: number): void {
    this.#fraction.x += x;
    this.#fraction.y += y;
    const [dx, dy] = [Math.trunc(this.#fraction.x), Math.trunc(this.#fraction.y)];
    this.#fraction.x -= dx;
    this.#fraction.y -= dy;
    this.#pointer({ dx, dy, buttons });
  }

  #pointer(event: { dx: number; dy: number; buttons: number; position?: { x: number; y: number } }): void {
    this.#push({ kind: 'pointer', wheel: 0, horizontalWheel: 0, ...event });
  }
}
