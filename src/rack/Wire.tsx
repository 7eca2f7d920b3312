// The subnet as a wire with a port for each blade, and on it the pages of migrations under way.
import NetworkWiredIcon from '@patternfly/react-icons/dist/esm/icons/network-wired-icon';
import { type RefObject, useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { formatLink, formatRate } from '../format/format.ts';
import { openDialog } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import { FlyingPages } from './FlyingPages.tsx';
import { useBladePorts } from './use-blade-ports.ts';
import { type Point, wirePath } from './wire-path.ts';

const HEIGHT = 58;
const WIRE_Y = 38;

export function Wire({ rack }: { rack: RefObject<HTMLDivElement | null> }) {
  const hostOrder = useConsole((state) => state.fleet.hostOrder);
  const { width, ports } = useBladePorts(rack, hostOrder);
  const moves = useConsole(
    useShallow((state) =>
      Object.values(state.migrations.byVm)
        .filter((record) => record.endedAt === undefined)
        .map((record) => record.statistics),
    ),
  );
  const paths = useMemo(() => {
    const between = new Map<string, Point[]>();
    for (const [from, a] of ports)
      for (const [to, b] of ports) between.set(`${from}>${to}`, wirePath(a, b, WIRE_Y, HEIGHT));
    return between;
  }, [ports]);
  const xs = [...ports.values()];
  return (
    <section className="tv-wire" style={{ height: HEIGHT }} aria-label="Subnet">
      <svg width={width} height={HEIGHT} aria-hidden="true">
        {xs.length > 0 && <path className="tv-wire-line" d={`M${Math.min(...xs)} ${WIRE_Y}H${Math.max(...xs)}`} />}
        {xs.map((x) => (
          <g key={x}>
            <path className="tv-wire-line" d={`M${x} ${WIRE_Y}V${HEIGHT}`} />
            <rect className="tv-wire-port" x={x - 7} y={WIRE_Y - 4} width="14" height="8" rx="2" />
          </g>
        ))}
        {moves.map((move) => (
          <polyline
            key={move.vmId}
            className="tv-wire-live"
            points={(paths.get(`${move.sourceHostId}>${move.targetHostId}`) ?? [])
              .map((p) => `${p.x},${p.y}`)
              .join(' ')}
          />
        ))}
      </svg>
      <FlyingPages moves={moves} paths={paths} width={width} height={HEIGHT} />
      <div className="tv-wire-text">
        <LinkButton />
        {moves.length > 0 && (
          <>
            <span className="tv-legend">
              <span className="tv-dot tv-dot-normal" /> page sent <span className="tv-dot tv-dot-resent" /> sent again{' '}
              <span className="tv-dot tv-dot-zero" /> zero page · 1 dot = 1 MiB
            </span>
            <strong className="tv-wire-rate">
              {formatRate(moves.reduce((sum, move) => sum + move.throughputMbits, 0))}
            </strong>
          </>
        )}
      </div>
    </section>
  );
}

function LinkButton() {
  const link = useConsole((state) => state.preferences.link);
  return (
    <button type="button" className="tv-link tv-wire-link" onClick={() => openDialog({ kind: 'link' })}>
      <NetworkWiredIcon /> Subnet: {formatLink(link)}
    </button>
  );
}
