// A packet capture on the screen: what it captures, start and stop, the filter, the file, and the frames as they come.
import { Alert, AlertActionLink, Button, TextInput } from '@patternfly/react-core';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { formatCount } from '../format/format.ts';
import { saveFile } from '../session/save-file.ts';
import { useHostName } from '../state/hooks.ts';
import { useConsole } from '../state/store.ts';
import { CaptureTable } from './CaptureTable.tsx';
import { captureFileName, filterLines } from './capture-lines.ts';
import type { CaptureSession, CaptureState } from './capture-session.ts';
import { closeCapture, openCapture, useCapture } from './captures.ts';
import './capture.css';

/** @param tab key of the tab that it belongs to */
export function CapturePanel({ tab }: { tab: string }) {
  const session = useCapture(tab);
  return session ? <OpenPanel key={session.target.label} tab={tab} session={session} /> : null;
}

function OpenPanel({ tab, session }: { tab: string; session: CaptureSession }) {
  const { target } = session;
  const state = useSyncExternalStore(
    (changed) => session.subscribe(changed),
    () => session.state,
  );
  useEffect(() => session.show(), [session]);
  const [query, setQuery] = useState('');
  const host = useHostName(target.hostId);
  const shown = useMemo(() => filterLines(state.lines, query), [state.lines, query]);
  const ofVm = target.scope.vmId !== undefined;

  async function save() {
    const bytes = await session.file();
    if (bytes) saveFile(captureFileName(target.label, Date.now()), bytes, 'application/x-pcapng');
  }

  return (
    <section className="tv-panel tv-capture" aria-label="Packet capture">
      <header>
        <h2>{ofVm ? `Capture of ${target.label}` : `Capture of the subnet at ${target.label}`}</h2>
        <span className="tv-quiet" role="status">
          {STATUS[state.phase]}
        </span>
        <TextInput
          aria-label="Filter frames"
          placeholder="Filter: any column"
          value={query}
          onChange={(_, text) => setQuery(text)}
        />
        {state.phase === 'running' ? (
          <Button size="sm" variant="secondary" onClick={() => void session.stop()}>
            Stop
          </Button>
        ) : (
          <Button
            size="sm"
            variant="secondary"
            isDisabled={state.phase === 'starting'}
            onClick={() => openCapture(tab, target)}
          >
            Start anew
          </Button>
        )}
        <Button size="sm" variant="secondary" isDisabled={state.captured === 0} onClick={() => void save()}>
          Download pcapng
        </Button>
        <Button
          size="sm"
          variant="plain"
          icon={<TimesIcon />}
          aria-label="Close the capture"
          onClick={() => closeCapture(tab)}
        />
      </header>
      {state.problem && (
        <Alert isInline isLiveRegion variant="danger" title="The capture has ended" component="h3">
          {state.problem}
        </Alert>
      )}
      {ofVm && <MovedAway tab={tab} session={session} host={host} />}
      <CaptureTable lines={shown} onFollow={(following) => session.follow(following)} />
      <footer className="tv-quiet">
        <Totals state={state} shown={shown.length} isFiltered={query.trim() !== ''} />
      </footer>
    </section>
  );
}

const STATUS: Record<CaptureState['phase'], string> = {
  starting: 'Starting…',
  running: 'Running',
  stopped: 'Stopped',
  failed: 'Ended',
};

function Totals({ state, shown, isFiltered }: { state: CaptureState; shown: number; isFiltered: boolean }) {
  const parts = [`${formatCount(state.captured)} frames captured`];
  if (isFiltered) parts.push(`${formatCount(shown)} of the newest ${formatCount(state.lines.length)} match the filter`);
  else if (state.lines.length < state.captured) parts.push(`the newest ${formatCount(state.lines.length)} are listed`);
  if (state.dropped > 0) parts.push(`the oldest ${formatCount(state.dropped)} gave way and are not in the file`);
  return parts.join(' · ');
}

/** A capture stays on its host when its VM goes. */
function MovedAway({ tab, session, host }: { tab: string; session: CaptureSession; host: string }) {
  const { target } = session;
  const hostNow = useConsole((state) => state.fleet.vms[target.scope.vmId ?? '']?.hostId);
  const nameNow = useHostName(hostNow ?? '');
  if (hostNow === target.hostId) return null;
  if (hostNow === undefined)
    return <Alert isInline variant="warning" title={`${target.label} is no longer on ${host}`} component="h3" />;
  return (
    <Alert
      isInline
      isLiveRegion
      variant="info"
      component="h3"
      title={`${target.label} has moved to ${nameNow}`}
      actionLinks={
        <AlertActionLink onClick={() => openCapture(tab, { ...target, hostId: hostNow })}>
          Capture on {nameNow}
        </AlertActionLink>
      }
    >
      This capture was made on {host} and gets no more frames.
    </Alert>
  );
}
