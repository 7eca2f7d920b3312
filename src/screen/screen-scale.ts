// How large a picture is shown in the room that there is.
import type { ScreenScale } from '../state/preferences.ts';
import type { PictureSize } from './screen-painter.ts';

export interface ShownSize {
  /** CSS pixels. */
  width: number;
  height: number;
  /** CSS pixels for one of the guest's, across. */
  scale: number;
  /** Every pixel of the guest's is a whole number of the display's. */
  sharp: boolean;
}

/**
 * `sharp`: the largest whole multiple that fits, once at least. `fit`: as large as fits.
 * @param ratio device pixels in a CSS pixel
 */
export function scaleFor(
  scale: ScreenScale,
  { width, shownWidth, shownHeight }: PictureSize,
  room: { width: number; height: number },
  ratio: number,
): ShownSize {
  const fitting = Math.min(room.width / shownWidth, room.height / shownHeight);
  const whole = Math.max(1, Math.floor(fitting * ratio)) / ratio;
  const factor = scale === 'sharp' || !(fitting > 0) ? whole : fitting;
  return {
    width: Math.round(shownWidth * factor),
    height: Math.round(shownHeight * factor),
    scale: (shownWidth * factor) / width,
    sharp: Number.isInteger(factor * ratio),
  };
}
