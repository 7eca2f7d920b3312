// A VM's screen with what one does to it: in the VM's tab, and in a window of its own.
import { Button, SearchInput } from '@patternfly/react-core';
import CameraIcon from '@patternfly/react-icons/dist/esm/icons/camera-icon';
import CompressIcon from '@patternfly/react-icons/dist/esm/icons/compress-icon';
import CopyIcon from '@patternfly/react-icons/dist/esm/icons/copy-icon';
import ExpandArrowsAltIcon from '@patternfly/react-icons/dist/esm/icons/expand-arrows-alt-icon';
import ExpandIcon from '@patternfly/react-icons/dist/esm/icons/expand-icon';
import ExternalLinkAltIcon from '@patternfly/react-icons/dist/esm/icons/external-link-alt-icon';
import KeyboardIcon from '@patternfly/react-icons/dist/esm/icons/keyboard-icon';
import MousePointerIcon from '@patternfly/react-icons/dist/esm/icons/mouse-pointer-icon';
import PasteIcon from '@patternfly/react-icons/dist/esm/icons/paste-icon';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import VolumeMuteIcon from '@patternfly/react-icons/dist/esm/icons/volume-mute-icon';
import VolumeUpIcon from '@patternfly/react-icons/dist/esm/icons/volume-up-icon';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { InputState } from '../../engine/host/api.ts';
import { textLines } from '../../engine/pc/display/text-screen.ts';
import { KEYBOARD_LAYOUTS } from '../../engine/pc/input/keyboard-layouts.ts';
import { formatCount } from '../format/format.ts';
import { useVm } from '../state/hooks.ts';
import { notify, prefer, useConsole } from '../state/store.ts';
import { findText } from './find-text.ts';
import type { combinationEvents } from './key-combinations.ts';
import { OnScreenKeyboard } from './OnScreenKeyboard.tsx';
import { ScreenSurface, type SurfaceHandle } from './ScreenSurface.tsx';
import { LayoutChoice, SendKeys, Tool } from './ScreenTools.tsx';
import { inputLine, type Typing, typeText } from './screen-input.ts';
import { saveScreenshot } from './still-file.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useScreen } from './use-screen.ts';
import { useSpeaker } from './use-speaker.ts';
import './screen.css';

/** @param onPopOut shows it in a window of its own; without it, it is there */
export function ScreenPanel({ vmId, onPopOut }: { vmId: string; onPopOut?: () => void }) {
  const vm = useVm(vmId);
  const name = vm?.name ?? '';
  const scale = useConsole((state) => state.preferences.screenScale);
  const layout = useConsole((state) => state.preferences.keyboardLayout);
  const muted = useConsole((state) => state.preferences.speakerMuted);
  const screen = useScreen(vmId, true);
  const line = useMemo(() => inputLine(vmId), [vmId]);
  const push = useCallback((event: Parameters<typeof line.push>[0]) => line.push(event), [line]);
  const panel = useRef<HTMLDivElement>(null);
  const firstTool = useRef<HTMLButtonElement>(null);
  const surface = useRef<SurfaceHandle>(null);
  const searchField = useCallback((field: HTMLInputElement | null) => field?.focus(), []);
  const [captured, setCaptured] = useState(false);
  const [search, setSearch] = useState<string>();
  const [keyboardOpen, setKeyboardOpen] = useState(false);
  const [typing, setTyping] = useState<Typing>();
  const [typed, setTyped] = useState({ count: 0, total: 0 });
  const [copied, setCopied] = useState(false);
  const leave = useCallback(() => firstTool.current?.focus(), []);
  const full = useFullScreen(panel);
  const on = vm !== undefined && vm.power !== 'off';

  useSpeaker(vmId, on && !muted ? vm.hostId : undefined);
  useEffect(() => surface.current?.focus(), []);
  // What switched it on is gone then.
  useEffect(() => {
    const document = panel.current?.ownerDocument;
    if (on && document && document.activeElement === document.body) surface.current?.focus();
  }, [on]);
  const endSearch = () => {
    setSearch(undefined);
    surface.current?.focus();
  };

  const send = (events: ReturnType<typeof combinationEvents>) => {
    for (const event of events) line.push(event);
    surface.current?.focus();
  };
  async function paste() {
    const text = await navigator.clipboard.readText().catch(() => undefined);
    if (text === undefined) {
      notify('warning', 'Nothing to paste', 'The browser does not let this page read the clipboard.', vmId);
      return;
    }
    const begun = typeText(vmId, text, layout, (count, total) => setTyped({ count, total }));
    setTyping(begun);
    surface.current?.focus();
    await begun.done;
    setTyping(undefined);
  }
  async function copy() {
    if (!screen.text) return;
    await navigator.clipboard.writeText(textLines(screen.text).join('\n'));
    setCopied(true);
  }

  const hint = captured
    ? 'The mouse is captured: Ctrl-Alt lets it go.'
    : copied
      ? 'Copied'
      : 'Ctrl-Alt leaves the screen.';
  return (
    <div className="tv-screen" ref={panel}>
      <div className="tv-screen-bar" role="toolbar" aria-label="Screen">
        <SendKeys buttonRef={firstTool} disabled={!on} onSend={send} />
        <Tool
          label={`Type the clipboard’s text (${KEYBOARD_LAYOUTS[layout].name} keyboard)`}
          icon={<PasteIcon />}
          disabled={!on || typing !== undefined}
          onClick={() => void paste()}
        />
        <LayoutChoice layout={layout} onChoose={(keyboardLayout) => prefer({ keyboardLayout })} />
        <Tool
          label="On-screen keyboard"
          icon={<KeyboardIcon />}
          pressed={keyboardOpen}
          disabled={!on}
          onClick={() => setKeyboardOpen(!keyboardOpen)}
        />
        {!vm?.input?.absolutePointer && (
          <Tool
            label="Capture the mouse"
            icon={<MousePointerIcon />}
            disabled={!on}
            onClick={() => surface.current?.capture()}
          />
        )}
        <Tool
          label="Copy the screen’s text"
          icon={<CopyIcon />}
          disabled={!screen.text}
          onClick={() => void copy()}
          onBlur={() => setCopied(false)}
        />
        <Tool
          label="Search the screen’s text"
          icon={<SearchIcon />}
          pressed={search !== undefined}
          disabled={!screen.text}
          onClick={() => (search === undefined ? setSearch('') : endSearch())}
        />
        <Tool
          label="Save a screenshot"
          icon={<CameraIcon />}
          disabled={!screen.size}
          onClick={() => void saveScreenshot(vmId, name)}
        />
        <Tool
          label={scale === 'fit' ? 'Whole pixels' : 'Fit the window'}
          icon={scale === 'fit' ? <CompressIcon /> : <ExpandIcon />}
          onClick={() => prefer({ screenScale: scale === 'fit' ? 'sharp' : 'fit' })}
        />
        {full.possible && (
          <Tool
            label={full.on ? 'Leave full screen' : 'Full screen'}
            icon={<ExpandArrowsAltIcon />}
            pressed={full.on}
            onClick={() => {
              surface.current?.focus();
              void full.toggle();
            }}
          />
        )}
        <Tool
          label="PC speaker"
          icon={muted ? <VolumeMuteIcon /> : <VolumeUpIcon />}
          pressed={!muted}
          onClick={() => prefer({ speakerMuted: !muted })}
        />
        {onPopOut && <Tool label="Open in a window of its own" icon={<ExternalLinkAltIcon />} onClick={onPopOut} />}
        <span className={`tv-screen-state tv-quiet ${captured || copied ? '' : 'tv-screen-hint'}`} role="status">
          {hint}
        </span>
      </div>
      {search !== undefined && screen.text && (
        <div className="tv-screen-bar">
          <SearchInput
            className="tv-screen-search"
            aria-label="Search the screen’s text"
            value={search}
            onChange={(_, value) => setSearch(value)}
            onClear={() => setSearch('')}
            onKeyDown={(event) => {
              if (event.key === 'Escape') endSearch();
            }}
            {...(search !== '' && { resultsCount: findText(screen.text, search).length })}
            ref={searchField}
          />
        </div>
      )}
      {typing && (
        <div className="tv-screen-bar">
          <progress value={typed.count} max={typed.total || 1} aria-label="Typing" />
          <span className="tv-quiet">
            Typing what was pasted: {formatCount(typed.count)} of {formatCount(typed.total)} characters
          </span>
          <Button variant="link" size="sm" isInline onClick={() => typing.cancel()}>
            Cancel
          </Button>
        </div>
      )}
      <ScreenSurface
        handle={surface}
        screen={screen}
        label={`Screen of ${name}`}
        scale={scale}
        absolute={vm?.input?.absolutePointer === true}
        search={search ?? ''}
        push={push}
        onLeave={leave}
        onCapture={setCaptured}
      >
        {!screen.size && <p className="tv-screen-empty">{on ? 'There is no picture yet.' : 'The VM is off.'}</p>}
      </ScreenSurface>
      {keyboardOpen && on && <OnScreenKeyboard push={push} />}
      <StatusLine size={screen.size} isText={screen.text !== undefined} input={vm?.input} />
    </div>
  );
}

function StatusLine({
  size,
  isText,
  input,
}: {
  size: ReturnType<typeof useScreen>['size'];
  isText: boolean;
  input: InputState | undefined;
}) {
  const leds = input
    ? [
        input.leds.capsLock && 'Caps Lock',
        input.leds.numLock && 'Num Lock',
        input.leds.scrollLock && 'Scroll Lock',
      ].filter(Boolean)
    : [];
  const pointer = input?.absolutePointer
    ? 'pointer without capture'
    : input?.mouseActive
      ? 'mouse'
      : 'no mouse driver in the guest';
  return (
    <div className="tv-screen-bar tv-screen-status tv-quiet">
      {size && (
        <span>
          {size.width} × {size.height}
          {isText ? ', text' : ''}
        </span>
      )}
      {input && <span>{pointer}</span>}
      {leds.length > 0 && <span>{leds.join(', ')}</span>}
    </div>
  );
}
