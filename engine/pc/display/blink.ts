// What blinks in text modes. A VGA's cursor is to be seen for 8 frames and not for 8, a blinking character twice as long (IBM VGA Technical
// Reference, attribute mode control; FreeVGA, "text-mode cursor").

export interface Blink {
  cursor: boolean;
  characters: boolean;
}

const FRAMES = 8;

/** In the frame with that number. */
export function blinkAt(frame: number): Blink {
  const phase = Math.floor(frame / FRAMES);
  return { cursor: phase % 2 === 0, characters: phase % 4 < 2 };
}

/** Everything is to be seen. */
export const NO_BLINK: Blink = { cursor: true, characters: true };
