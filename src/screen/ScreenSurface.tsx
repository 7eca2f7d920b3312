// The picture itself: scaled to its place, with the text of text modes over it, keyboard and pointer while it has them.
import {
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { InputEvent } from '../../engine/host/api.ts';
import type { ScreenScale } from '../state/preferences.ts';
import { findText } from './find-text.ts';
import { KeyboardInput } from './keyboard-input.ts';
import { PointerInput } from './pointer-input.ts';
import { scaleFor } from './screen-scale.ts';
import { TextLayer } from './TextLayer.tsx';
import type { ShownScreen } from './use-screen.ts';

export interface SurfaceHandle {
  focus(): void;
  /** Motion of the mouse goes to the guest until Ctrl-Alt. */
  capture(): void;
}

export function ScreenSurface({
  screen,
  label,
  scale,
  absolute,
  search,
  push,
  onLeave,
  onCapture,
  handle,
  children,
}: {
  screen: ShownScreen;
  label: string;
  scale: ScreenScale;
  /** The guest takes positions. */
  absolute: boolean;
  search: string;
  push(event: InputEvent): void;
  /** The user leaves by keyboard. */
  onLeave(): void;
  onCapture(captured: boolean): void;
  handle: Ref<SurfaceHandle>;
  children?: ReactNode;
}) {
  const { canvas, size, text } = screen;
  const place = useRef<HTMLDivElement>(null);
  const surface = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 0, height: 0 });
  const [captured, setCaptured] = useState(false);
  const pointer = useMemo(() => new PointerInput(push), [push]);
  const leave = useCallback(() => {
    surface.current?.ownerDocument.exitPointerLock();
    onLeave();
  }, [onLeave]);
  const keyboard = useMemo(() => new KeyboardInput(push, leave), [push, leave]);

  useLayoutEffect(() => {
    const element = place.current;
    const window = element?.ownerDocument.defaultView;
    if (!element || !window) return;
    const observer = new window.ResizeObserver(() =>
      setRoom({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const document = surface.current?.ownerDocument;
    if (!document) return;
    const changed = () => {
      const now = document.pointerLockElement === surface.current;
      setCaptured(now);
      onCapture(now);
      if (!now) keyboard.release();
    };
    document.addEventListener('pointerlockchange', changed);
    return () => document.removeEventListener('pointerlockchange', changed);
  }, [keyboard, onCapture]);

  const capture = useCallback(() => {
    surface.current?.focus();
    // Without a pointer to capture, or without leave to, the keyboard works all the same.
    void Promise.resolve(surface.current?.requestPointerLock()).catch(() => {});
  }, []);
  useImperativeHandle(handle, () => ({ focus: () => surface.current?.focus(), capture }), [capture]);

  const ratio = surface.current?.ownerDocument.defaultView?.devicePixelRatio ?? 1;
  const shown = size && scaleFor(scale, size, room, ratio);
  const isText = text !== undefined;
  const matches = useMemo(() => (text ? findText(text, search) : []), [text, search]);

  useEffect(() => {
    const element = surface.current;
    if (!element) return;
    // React's own listeners of wheels cannot keep the page from scrolling.
    const turned = (event: WheelEvent) => {
      if (!captured && !absolute) return;
      event.preventDefault();
      pointer.wheel(event);
    };
    element.addEventListener('wheel', turned, { passive: false });
    return () => element.removeEventListener('wheel', turned);
  }, [absolute, captured, pointer]);

  /** Text is selected with a mouse that does not belong to the guest. */
  const moved = (event: React.PointerEvent) => {
    if (event.pointerType === 'touch' && !absolute) return pointer.fingerMoves(event);
    if (captured) return pointer.byMotion(event, shown ? shown.scale : 1);
    const picture = canvas.current?.getBoundingClientRect();
    if (absolute && picture) pointer.toPosition(event, picture);
  };
  const pressed = (event: React.PointerEvent) => {
    surface.current?.focus();
    if (event.pointerType === 'touch' && !absolute) return pointer.fingerDown(event);
    if (captured || absolute) {
      event.preventDefault();
      if (!captured) surface.current?.setPointerCapture(event.pointerId);
      return moved(event);
    }
    if (!isText && event.button === 0) capture();
  };
  const released = (event: React.PointerEvent) => {
    if (event.pointerType === 'touch' && !absolute) return pointer.fingerUp();
    moved(event);
  };

  return (
    <div ref={place} className="tv-screen-place">
      <div
        ref={surface}
        className={`tv-screen-surface${isText && !absolute && !captured ? ' tv-screen-selectable' : ''}`}
        role="application"
        aria-label={label}
        aria-description="Keys go to the guest. Ctrl and Alt together lead out."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is the guest's keyboard and mouse
        tabIndex={0}
        style={shown && { width: shown.width, height: shown.height }}
        onKeyDown={(event) => {
          if (copiesSelection(event)) return;
          keyboard.down(nativeKey(event));
        }}
        onKeyUp={(event) => keyboard.up(nativeKey(event))}
        onBlur={() => keyboard.release()}
        onPointerMove={moved}
        onPointerDown={pressed}
        onPointerUp={released}
        onContextMenu={(event) => {
          if (absolute || captured) event.preventDefault();
        }}
      >
        <canvas
          ref={canvas}
          className={`tv-screen-canvas${shown?.sharp ? ' tv-screen-sharp' : ''}`}
          style={shown ? { width: shown.width, height: shown.height } : { display: 'none' }}
        />
        {shown && text && <TextLayer text={text} width={shown.width} height={shown.height} matches={matches} />}
      </div>
      {children}
    </div>
  );
}

function nativeKey(event: React.KeyboardEvent) {
  return { code: event.code, repeat: event.repeat, preventDefault: () => event.preventDefault() };
}

/** Ctrl-Insert copies what is selected of the text, as in terminals. */
function copiesSelection(event: React.KeyboardEvent): boolean {
  const selection = event.currentTarget.ownerDocument.getSelection();
  return event.ctrlKey && event.code === 'Insert' && selection !== null && !selection.isCollapsed;
}
