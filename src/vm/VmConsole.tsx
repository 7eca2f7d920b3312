// The Console section: the VM's screen, where it has one, and its serial terminal.
import { Button, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import CopyIcon from '@patternfly/react-icons/dist/esm/icons/copy-icon';
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { formatBytes } from '../format/format.ts';
import { PopOut } from '../screen/PopOut.tsx';
import { ScreenPanel } from '../screen/ScreenPanel.tsx';
import { useHasScreen } from '../screen/Thumbnail.tsx';
import { useVm } from '../state/hooks.ts';
import { update, useConsole } from '../state/store.ts';
import type { VmConsoleKind } from '../state/view.ts';
import type { SerialInput } from './serial-input.ts';
import { terminalOf } from './terminals.ts';
import '@xterm/xterm/css/xterm.css';

export function VmConsole({ vmId }: { vmId: string }) {
  const hasScreen = useHasScreen(vmId);
  const shown = useConsole((state) => state.view.consoles[vmId] ?? 'screen');
  const [poppedOut, setPoppedOut] = useState(false);
  const closePopOut = useCallback(() => setPoppedOut(false), []);
  // In the place of what had the focus.
  const bringBack = useCallback((button: HTMLButtonElement | null) => button?.focus(), []);
  if (!hasScreen) return <SerialConsole vmId={vmId} />;
  return (
    <div className="tv-console">
      <Tabs
        aria-label="Consoles"
        isSubtab
        activeKey={shown}
        onSelect={(_, key) => bringToFront(vmId, key === 'serial' ? 'serial' : 'screen')}
        className="tv-console-tabs"
      >
        <Tab eventKey="screen" title={<TabTitleText>Screen</TabTitleText>} tabContentId={`consoles-${vmId}`} />
        <Tab eventKey="serial" title={<TabTitleText>Serial port</TabTitleText>} tabContentId={`consoles-${vmId}`} />
      </Tabs>
      <div className="tv-console-panel" id={`consoles-${vmId}`} role="tabpanel" aria-label={shown}>
        {shown === 'serial' && <SerialConsole vmId={vmId} />}
        {shown === 'screen' && !poppedOut && <ScreenPanel vmId={vmId} onPopOut={() => setPoppedOut(true)} />}
        {shown === 'screen' && poppedOut && (
          <p className="tv-console-bar tv-quiet">
            The screen is in a window of its own.
            <Button ref={bringBack} variant="link" size="sm" isInline onClick={closePopOut}>
              Bring it back
            </Button>
          </p>
        )}
      </div>
      {poppedOut && <PopOut vmId={vmId} onClose={closePopOut} />}
    </div>
  );
}

/** It is there again when the user comes back to the VM. */
function bringToFront(vmId: string, kind: VmConsoleKind): void {
  update('view', (view) => ({ ...view, consoles: { ...view.consoles, [vmId]: kind } }));
}

function SerialConsole({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const name = vm?.name ?? '';
  const screen = useRef<HTMLDivElement>(null);
  const copy = useRef<HTMLButtonElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!screen.current) return;
    const terminal = terminalOf(vmId, name);
    terminal.onLeave = () => copy.current?.focus();
    terminal.attach(screen.current);
    terminal.focus();
    return () => terminal.detach();
  }, [vmId, name]);

  async function copyAll() {
    await navigator.clipboard.writeText(terminalOf(vmId, name).text());
    setCopied(true);
  }

  return (
    <div className="tv-console">
      <div className="tv-console-bar">
        <span className="tv-quiet">
          {vm?.power === 'off'
            ? 'The VM is off. Its last output stays here.'
            : 'Serial port ttyS0. F6 leaves the console.'}
        </span>
        <Button
          ref={copy}
          variant="plain"
          size="sm"
          icon={<CopyIcon />}
          aria-label="Copy all output"
          onClick={() => void copyAll()}
          onBlur={() => setCopied(false)}
        />
        <span role="status" className="tv-quiet">
          {copied ? 'Copied' : ''}
        </span>
      </div>
      <PasteBar input={terminalOf(vmId, name).input} />
      <div className="tv-console-screen" ref={screen} />
    </div>
  );
}

/** How far a paste has got that the guest does not take at once. */
function PasteBar({ input }: { input: SerialInput }) {
  const progress = useSyncExternalStore(
    (changed) => input.subscribe(changed),
    () => input.progress,
  );
  if (!progress) return null;
  const { sent, total } = progress;
  return (
    <div className="tv-console-bar tv-paste-bar">
      <progress value={sent} max={total} aria-label="Pasting" />
      <span className="tv-quiet">
        Pasting {formatBytes(sent)} of {formatBytes(total)}
      </span>
      <Button variant="link" size="sm" isInline onClick={() => input.cancelPaste()}>
        Cancel
      </Button>
      <span className="tv-quiet">Ctrl-C in the terminal cancels it, too.</span>
    </div>
  );
}
