// The frames of a capture as a list that stays at its newest row until the person scrolls up. Only the rows in sight are in
// the page.
import { Button } from '@patternfly/react-core';
import ArrowDownIcon from '@patternfly/react-icons/dist/esm/icons/arrow-down-icon';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { CaptureLine } from '../../engine/host/api.ts';
import { columnsOf } from './capture-lines.ts';

/** CSS pixels; capture.css has it too. */
const ROW_HEIGHT = 22;
/** Rows in the page above and below those in sight. */
const MARGIN = 10;

const COLUMNS = ['No.', 'Time', 'Port', 'Source', 'Destination', 'Protocol', 'Bytes', 'Info'];

interface CaptureTableProps {
  lines: readonly CaptureLine[];
  onFollow(following: boolean): void;
}

export function CaptureTable({ lines, onFollow }: CaptureTableProps) {
  const place = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const [view, setView] = useState({ top: 0, height: 0 });

  useEffect(() => onFollow(following), [following, onFollow]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new rows are what it follows
  useLayoutEffect(() => {
    if (following && place.current) place.current.scrollTop = place.current.scrollHeight;
  }, [lines, following]);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const resize = new ResizeObserver(() => setView((now) => ({ ...now, height: element.clientHeight })));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  function onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = place.current!;
    setView({ top: scrollTop, height: clientHeight });
    setFollowing(scrollHeight - scrollTop - clientHeight < ROW_HEIGHT);
  }

  const first = Math.min(lines.length, Math.max(0, Math.floor(view.top / ROW_HEIGHT) - MARGIN));
  const last = Math.min(lines.length, Math.ceil((view.top + view.height) / ROW_HEIGHT) + MARGIN);
  return (
    <div className="tv-capture-list">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard */}
      <section ref={place} className="tv-capture-scroll" aria-label="Captured frames" tabIndex={0} onScroll={onScroll}>
        <div style={{ paddingBlock: `${first * ROW_HEIGHT}px ${(lines.length - last) * ROW_HEIGHT}px` }}>
          <table className="tv-table tv-capture-table" aria-rowcount={lines.length + 1}>
            <thead>
              <tr>
                {COLUMNS.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.slice(first, last).map((line, n) => (
                <FrameRow key={line.number} line={line} index={first + n} />
              ))}
            </tbody>
          </table>
        </div>
        {lines.length === 0 && <p className="tv-quiet">No frame yet</p>}
      </section>
      {!following && (
        <Button className="tv-capture-newest" size="sm" icon={<ArrowDownIcon />} onClick={() => setFollowing(true)}>
          Newest frames
        </Button>
      )}
    </div>
  );
}

function FrameRow({ line, index }: { line: CaptureLine; index: number }) {
  const columns = columnsOf(line);
  return (
    <tr aria-rowindex={index + 2}>
      {columns.map((text, n) => (
        <td key={COLUMNS[n]} title={n >= 2 ? text : undefined}>
          {text}
        </td>
      ))}
    </tr>
  );
}
