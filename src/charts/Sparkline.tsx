// The last minute of an object's CPU share as a small line: no axes, the figure stands beside it.
import { useSampleTime } from '../state/hooks.ts';
import { samples } from '../state/samples.ts';

const WIDTH = 72;
const HEIGHT = 18;
const SECONDS = 60;

export function Sparkline({ id, label }: { id: string; label: string }) {
  const now = useSampleTime(id);
  const { time, cpu } = samples.series(id);
  const first = Math.max(
    0,
    time.findIndex((t) => t >= now - SECONDS),
  );
  const points = time.slice(first).map((t, n) => {
    const x = WIDTH - ((now - t) / SECONDS) * WIDTH;
    const y = HEIGHT - 1 - (Math.min(100, cpu[first + n]) / 100) * (HEIGHT - 2);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      className="tv-sparkline"
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <path d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} stroke="var(--tv-line-subtle)" />
      {points.length > 1 && (
        <polyline
          points={points.join(' ')}
          fill="none"
          stroke="var(--tv-normal)"
          strokeWidth="1.5"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}
