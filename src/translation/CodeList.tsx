// Lines of code to look at: only those in sight are in the page. Pointing at a line shows which instruction it belongs to, and
// so does walking through it by keyboard.
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';

/** CSS pixels; translation.css has it too. */
const ROW_HEIGHT = 18;
/** Rows in the page above and below those in sight. */
const MARGIN = 10;

export interface CodeRow {
  /** The instruction that the line is or belongs to. */
  address: number | undefined;
  content: ReactNode;
  className?: string;
}

interface CodeListProps {
  label: string;
  rows: readonly CodeRow[];
  /** The selected instruction. */
  selected: number | undefined;
  /** The instruction that is pointed at. */
  pointed: number | undefined;
  onPoint(address: number | undefined): void;
  onSelect(address: number | undefined): void;
}

export function CodeList({ label, rows, selected, pointed, onPoint, onSelect }: CodeListProps) {
  const place = useRef<HTMLDivElement>(null);
  const id = useId();
  const [view, setView] = useState({ top: 0, height: 0 });
  const [active, setActive] = useState(0);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const resize = new ResizeObserver(() => setView((now) => ({ ...now, height: element.clientHeight })));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  // What was selected in the other list comes into sight here, unless the person is in this one.
  useEffect(() => {
    if (selected === undefined || place.current === document.activeElement) return;
    const index = rows.findIndex(({ address }) => address === selected);
    if (index >= 0) bringIntoSight(place.current, index, 3);
    if (index >= 0) setActive(index);
  }, [selected, rows]);

  function go(index: number) {
    const to = Math.min(rows.length - 1, Math.max(0, index));
    setActive(to);
    bringIntoSight(place.current, to, 0);
    onSelect(rows[to]?.address);
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = KEYS[event.key]?.(active, Math.floor(view.height / ROW_HEIGHT), rows.length);
    if (step === undefined) return;
    event.preventDefault();
    go(step);
  }

  const first = Math.max(0, Math.floor(view.top / ROW_HEIGHT) - MARGIN);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW_HEIGHT) + MARGIN);
  return (
    <div
      ref={place}
      className="tv-code tv-mono"
      role="listbox"
      aria-label={label}
      aria-activedescendant={rows.length > 0 ? `${id}-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={() => setView({ top: place.current!.scrollTop, height: place.current!.clientHeight })}
      onPointerLeave={() => onPoint(undefined)}
    >
      <div className="tv-code-all" style={{ height: rows.length * ROW_HEIGHT }}>
        {rows.slice(first, last).map((row, n) => {
          const index = first + n;
          const marks = [
            row.className,
            row.address !== undefined && row.address === selected && 'tv-code-selected',
            row.address !== undefined && row.address === pointed && 'tv-code-pointed',
            index === active && 'tv-code-active',
          ];
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active line
            <div
              key={index}
              id={`${id}-${index}`}
              role="option"
              aria-selected={row.address !== undefined && row.address === selected}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              className={`tv-code-row ${marks.filter(Boolean).join(' ')}`}
              style={{ top: index * ROW_HEIGHT }}
              onPointerEnter={() => onPoint(row.address)}
              onClick={() => {
                setActive(index);
                onSelect(row.address);
              }}
            >
              {row.content}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Where a key leads from `at`, in a list of `all` lines of which `page` are in sight. */
const KEYS: Record<string, (at: number, page: number, all: number) => number> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at, page) => at + page,
  PageUp: (at, page) => at - page,
  Home: () => 0,
  End: (_, _page, all) => all - 1,
};

/** `above`: lines that are to stay in sight before it. */
function bringIntoSight(element: HTMLElement | null, index: number, above: number): void {
  if (!element) return;
  const top = index * ROW_HEIGHT;
  if (top < element.scrollTop || top + ROW_HEIGHT > element.scrollTop + element.clientHeight)
    element.scrollTop = Math.max(0, top - above * ROW_HEIGHT);
}
