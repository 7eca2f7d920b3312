// A VM's screen in a browser window of its own, drawn by this page: it goes where this page's console goes, and ends with it.
import { useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { useVm } from '../state/hooks.ts';
import { notify, useConsole } from '../state/store.ts';
import { ScreenPanel } from './ScreenPanel.tsx';

const FEATURES = 'popup,width=1060,height=860';

export function PopOut({ vmId, onClose }: { vmId: string; onClose(): void }) {
  const name = useVm(vmId)?.name;
  const theme = useConsole((state) => state.preferences.theme);
  const [place, setPlace] = useState<HTMLElement>();
  useEffect(() => {
    const popup = window.open('', '', FEATURES);
    if (!popup) {
      notify('warning', 'No window for the screen', 'The browser keeps this page from opening windows.', vmId);
      onClose();
      return;
    }
    dress(popup);
    setPlace(popup.document.body);
    const end = () => popup.close();
    popup.addEventListener('pagehide', onClose);
    window.addEventListener('pagehide', end);
    return () => {
      window.removeEventListener('pagehide', end);
      popup.removeEventListener('pagehide', onClose);
      popup.close();
    };
  }, [vmId, onClose]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is what the class names say
  useEffect(() => {
    if (place) place.ownerDocument.documentElement.className = document.documentElement.className;
  }, [place, theme]);
  useEffect(() => {
    if (place) place.ownerDocument.title = `${name ?? 'VM'} – screen`;
  }, [place, name]);
  return place && createPortal(<ScreenPanel vmId={vmId} />, place);
}

/** The same looks as this page. */
function dress(popup: Window): void {
  const { head, body } = popup.document;
  for (const sheet of document.querySelectorAll('style, link[rel="stylesheet"]')) head.append(sheet.cloneNode(true));
  body.className = 'tv-pop-out';
}
