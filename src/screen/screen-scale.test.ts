import { describe, expect, it } from 'vitest';
import { scaleFor } from './screen-scale.ts';

const SIZE = { width: 720, height: 400, shownWidth: 720, shownHeight: 400 };
const ROOM = { width: 1500, height: 900 };

describe('scaleFor', () => {
  it('fits the whole picture into the room', () => {
    expect(scaleFor('fit', SIZE, ROOM, 1)).toEqual({ width: 1500, height: 833, scale: 1500 / 720, sharp: false });
    expect(scaleFor('fit', SIZE, { width: 360, height: 900 }, 1)).toMatchObject({ width: 360, height: 200 });
  });

  it('is sharp with the largest whole multiple that fits', () => {
    expect(scaleFor('sharp', SIZE, ROOM, 1)).toEqual({ width: 1440, height: 800, scale: 2, sharp: true });
  });

  it('counts whole multiples in pixels of the display', () => {
    expect(scaleFor('sharp', SIZE, { width: 1100, height: 900 }, 2)).toMatchObject({
      width: 1080,
      height: 600,
      sharp: true,
    });
  });

  it('shows a picture that is too large at its own size', () => {
    expect(scaleFor('sharp', SIZE, { width: 300, height: 300 }, 1)).toMatchObject({ width: 720, height: 400 });
  });

  it('shows something before there is room', () => {
    expect(scaleFor('fit', SIZE, { width: 0, height: 0 }, 1)).toMatchObject({ width: 720, height: 400 });
  });

  it('says how wide a pixel is that is shown twice as wide', () => {
    const doubled = { width: 320, height: 200, shownWidth: 640, shownHeight: 400 };
    expect(scaleFor('sharp', doubled, { width: 700, height: 500 }, 1)).toMatchObject({ width: 640, scale: 2 });
  });
});
