// A VM's screen on a canvas of this page, or of a window of its own.
import { type RefObject, useEffect, useRef, useState } from 'react';
import type { TextScreen } from '../../engine/pc/display/text-screen.ts';
import { watchScreen } from '../session/vm-screen.ts';
import { type PictureSize, ScreenPainter } from './screen-painter.ts';

export interface ShownScreen {
  canvas: RefObject<HTMLCanvasElement | null>;
  /** Undefined: there is no picture. */
  size: PictureSize | undefined;
  /** In text modes. */
  text: TextScreen | undefined;
}

/** @param live every frame; else a picture a second */
export function useScreen(vmId: string, live: boolean): ShownScreen {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<PictureSize>();
  const [text, setText] = useState<TextScreen>();
  useEffect(() => {
    const element = canvas.current;
    const window = element?.ownerDocument.defaultView;
    if (!element || !window) return;
    let painter: ScreenPainter | undefined;
    const watched = watchScreen(vmId, {
      ...(live && { window }),
      onChange() {
        painter?.paint();
        setText((before) => sameText(before, watched.follower.text()));
      },
    });
    painter = new ScreenPainter(watched.follower, element, setSize);
    painter.paint();
    setText(watched.follower.text());
    const shown = () => painter?.paint();
    element.ownerDocument.addEventListener('visibilitychange', shown);
    return () => {
      element.ownerDocument.removeEventListener('visibilitychange', shown);
      painter?.close();
      watched.close();
    };
  }, [vmId, live]);
  return { canvas, size, text };
}

/** The one before if nothing has changed, so that nothing is drawn again. */
function sameText(before: TextScreen | undefined, after: TextScreen | undefined): TextScreen | undefined {
  if (!before || !after) return after;
  const same =
    before.characters === after.characters &&
    before.columns === after.columns &&
    before.cursor?.column === after.cursor?.column &&
    before.cursor?.row === after.cursor?.row;
  return same ? before : after;
}
