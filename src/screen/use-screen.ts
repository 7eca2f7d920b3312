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
    let shownText: TextScreen | undefined;
    const showText = () => {
      const now = watched.follower.text();
      if (sameText(shownText, now)) return;
      shownText = now;
      setText(now);
    };
    const watched = watchScreen(vmId, {
      ...(live && { window }),
      onChange() {
        painter?.paint();
        showText();
      },
    });
    painter = new ScreenPainter(watched.follower, element, setSize);
    painter.paint();
    showText();
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

function sameText(a: TextScreen | undefined, b: TextScreen | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.characters === b.characters &&
    a.columns === b.columns &&
    a.cursor?.column === b.cursor?.column &&
    a.cursor?.row === b.cursor?.row
  );
}
