// An element that fills the display, in the page or in a window of its own.
import { type RefObject, useEffect, useState } from 'react';

/** The element fills the display; the browser's own keys go to it as far as it lets them. */
export function useFullScreen(element: RefObject<HTMLElement | null>) {
  const [on, setOn] = useState(false);
  const document = element.current?.ownerDocument ?? globalThis.document;
  useEffect(() => {
    const changed = () => setOn(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, [document]);
  return {
    on,
    possible: document.fullscreenEnabled,
    async toggle() {
      if (document.fullscreenElement) return document.exitFullscreen();
      await element.current?.requestFullscreen();
      const { keyboard } = navigator as { keyboard?: { lock?(): Promise<void> } };
      await keyboard?.lock?.().catch(() => {});
    },
  };
}
