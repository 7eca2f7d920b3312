// For how long a host has been silent, counting up.
import { useEffect, useState } from 'react';
import { formatDuration } from '../format/format.ts';

/** @param since epoch ms */
export function SilentFor({ since }: { since: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.floor((now - since) / 1000));
  return <span className="tv-silent-for">Not responding for {formatDuration(seconds * 1000)}</span>;
}
