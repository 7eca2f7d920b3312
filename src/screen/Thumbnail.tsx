// A VM's screen in small, a picture a second while it is in view.
import { useEffect, useRef, useState } from 'react';
import { useVm } from '../state/hooks.ts';
import { useScreen } from './use-screen.ts';
import './screen.css';

export function Thumbnail({ vmId }: { vmId: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!place.current) return;
    const observer = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting ?? false));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} className="tv-thumbnail" aria-hidden>
      {seen && <Picture vmId={vmId} />}
    </div>
  );
}

function Picture({ vmId }: { vmId: string }) {
  const { canvas, size } = useScreen(vmId, false);
  return <canvas ref={canvas} style={size ? undefined : { display: 'none' }} />;
}

/** Has the machine a screen? */
export function useHasScreen(vmId: string): boolean {
  return useVm(vmId)?.spec.devices?.some(({ model }) => model === 'VGA') ?? false;
}
