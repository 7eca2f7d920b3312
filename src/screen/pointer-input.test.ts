import { describe, expect, it } from 'vitest';
import type { InputEvent } from '../../engine/host/api.ts';
import { PointerInput, type PointerMove } from './pointer-input.ts';

const STILL: PointerMove = { pointerType: 'mouse', clientX: 0, clientY: 0, movementX: 0, movementY: 0, buttons: 0 };
const PICTURE = { left: 100, top: 50, width: 200, height: 100 };

function setup() {
  const sent: Extract<InputEvent, { kind: 'pointer' }>[] = [];
  const pointer = new PointerInput((event) => {
    if (event.kind === 'pointer') sent.push(event);
  });
  return { pointer, sent };
}

describe('a guest that takes positions', () => {
  it.each([
    ['inside', 150, 100, { x: 0.25, y: 0.5 }],
    ['left of the picture', 0, 50, { x: 0, y: 0 }],
    ['beyond its corner', 1000, 1000, { x: 1, y: 1 }],
  ])('gets the share of the picture: %s', (_, clientX, clientY, position) => {
    const { pointer, sent } = setup();
    pointer.toPosition({ ...STILL, clientX, clientY, buttons: 2 }, PICTURE);
    expect(sent).toMatchObject([{ position, buttons: 2, dx: 0, dy: 0 }]);
  });

  it('gets a position from a picture without a size too', () => {
    const { pointer, sent } = setup();
    pointer.toPosition(STILL, { left: 0, top: 0, width: 0, height: 0 });
    expect(sent[0].position).toEqual({ x: 0, y: 0 });
  });
});

describe('a captured pointer', () => {
  it('moves in the guest’s pixels, and loses no part of one', () => {
    const { pointer, sent } = setup();
    for (let n = 0; n < 5; n++) pointer.byMotion({ ...STILL, movementX: 1, movementY: -1 }, 2);
    expect(sent.reduce((sum, { dx }) => sum + dx, 0)).toBe(2);
    expect(sent.reduce((sum, { dy }) => sum + dy, 0)).toBe(-2);
    expect(sent.every(({ dx, dy }) => Number.isInteger(dx) && Number.isInteger(dy))).toBe(true);
  });
});

describe('a finger', () => {
  it('moves the pointer by as much as it moves', () => {
    const { pointer, sent } = setup();
    pointer.fingerDown({ ...STILL, clientX: 10, clientY: 10 });
    pointer.fingerMoves({ ...STILL, clientX: 25, clientY: 5 });
    pointer.fingerUp();
    expect(sent).toMatchObject([{ dx: 15, dy: -5, buttons: 0 }]);
  });

  it('that taps presses the left button', () => {
    const { pointer, sent } = setup();
    pointer.fingerDown({ ...STILL, clientX: 10, clientY: 10 });
    pointer.fingerMoves({ ...STILL, clientX: 12, clientY: 10 });
    pointer.fingerUp();
    expect(sent.slice(1).map(({ buttons }) => buttons)).toEqual([1, 0]);
  });

  it('that was never put down moves nothing', () => {
    const { pointer, sent } = setup();
    pointer.fingerMoves(STILL);
    pointer.fingerUp();
    expect(sent).toEqual([]);
  });
});

describe('a wheel', () => {
  const turned = (deltaY: number, deltaMode = 0) => ({ deltaX: 0, deltaY, deltaMode, buttons: 0 });

  it('sends whole notches and keeps the rest', () => {
    const { pointer, sent } = setup();
    for (const delta of [60, 60, 60, 60]) pointer.wheel(turned(delta));
    expect(sent.map(({ wheel }) => wheel)).toEqual([1, 1]);
  });

  it('turns by lines in browsers that count so, and back', () => {
    const { pointer, sent } = setup();
    pointer.wheel(turned(-7, 1));
    expect(sent).toMatchObject([{ wheel: -2, horizontalWheel: 0 }]);
  });
});
