// What went wrong or needs to be known and has no place of its own on the screen just now. A strip between the work area
// and the drawer: it takes room instead of lying over anything, and what is above it does not move. Notices go when they are
// over (state/notices.ts); all of them stay in the list of events.
import { Alert, AlertActionCloseButton, AlertGroup, Button } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { dropExpired, type Notice, nextExpiry } from '../state/notices.ts';
import { type ConsoleState, dismissNotice, dismissNotices, update, useConsole } from '../state/store.ts';

/** Newest first; more are a number. */
const SHOWN = 3;
/** Timers take no more. */
const LONGEST_MS = 2 ** 31 - 1;

export function Notices() {
  const notices = useConsole(useShallow((state) => state.notices.filter((notice) => !isShownInPlace(notice, state))));
  const [isRead, setIsRead] = useState(false);
  useExpiry(isRead);
  const shown = notices.slice(-SHOWN).reverse();
  const more = notices.length - shown.length;
  return (
    <section
      className="tv-notices"
      aria-label="Notices"
      onPointerEnter={() => setIsRead(true)}
      onPointerLeave={() => setIsRead(false)}
      onFocus={() => setIsRead(true)}
      onBlur={() => setIsRead(false)}
    >
      <AlertGroup isLiveRegion>
        {shown.map((notice) => (
          <Alert
            key={notice.id}
            isInline
            variant={notice.severity}
            title={notice.title}
            actionClose={<AlertActionCloseButton title={notice.title} onClose={() => dismissNotice(notice.id)} />}
          >
            {notice.detail}
          </Alert>
        ))}
      </AlertGroup>
      {notices.length > 1 && (
        <p className="tv-notices-more">
          {more > 0 && <span className="tv-quiet">{more} more, all of them are among the events </span>}
          <Button variant="link" size="sm" isInline onClick={() => dismissNotices(notices)}>
            Dismiss all
          </Button>
        </p>
      )}
    </section>
  );
}

/** Takes away what has been there long enough, but not from under who is reading it. */
function useExpiry(isHeld: boolean): void {
  const expiry = useConsole((state) => nextExpiry(state.notices));
  useEffect(() => {
    if (isHeld || expiry === Number.POSITIVE_INFINITY) return;
    const wait = Math.min(LONGEST_MS, Math.max(0, expiry - Date.now()));
    const timer = setTimeout(() => update('notices', (notices) => dropExpired(notices, Date.now())), wait);
    return () => clearTimeout(timer);
  }, [expiry, isHeld]);
}

/** A VM's card and a VM's tab show what concerns the VM. */
function isShownInPlace({ targetId }: Notice, { view, fleet }: ConsoleState): boolean {
  if (!targetId || !(targetId in fleet.vms)) return false;
  return view.active === 'datacenter' || view.active === `vm:${targetId}`;
}
