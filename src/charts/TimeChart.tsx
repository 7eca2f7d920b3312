// A chart of one figure of a VM or host over the last minutes.
import { useMemo } from 'react';
import { type Series, samples } from '../state/samples.ts';
import { Chart, type ChartSource } from './Chart.tsx';
import { translucent } from './chart-theme.ts';

interface TimeChartProps {
  id: string;
  title: string;
  unit: string;
  figure: Exclude<keyof Series, 'time'>;
  /** The scale's upper end; without it the scale follows the data. */
  max?: number;
  /** CSS pixels. */
  height?: number;
}

const HEIGHT = 150;
/** Seconds shown. */
const WINDOW = 300;

export function TimeChart({ id, title, unit, figure, max, height = HEIGHT }: TimeChartProps) {
  const source = useMemo(() => sourceOf({ id, title, unit, figure, max }), [id, title, unit, figure, max]);
  return (
    <div className="tv-panel">
      <Chart label={`${title} over the last five minutes, ${unit}`} height={height} source={source} />
    </div>
  );
}

function sourceOf({ id, title, unit, figure, max }: Omit<TimeChartProps, 'height'>): ChartSource {
  return {
    data() {
      const series = samples.series(id);
      return [series.time, series[figure]];
    },
    subscribe: (changed) => samples.subscribe(id, changed),
    options: ({ axis, color }) => ({
      title: `${title} (${unit})`,
      legend: { show: false },
      cursor: { y: false },
      scales: {
        x: { range: (_, _min, latest) => [(latest || Date.now() / 1000) - WINDOW, latest || Date.now() / 1000] },
        y: { range: (_, _min, highest) => [0, max ?? Math.max(1, (highest || 1) * 1.15)] },
      },
      axes: [
        { ...axis, values: '{HH}:{mm}:{ss}', space: 70, size: 30 },
        { ...axis, size: 52 },
      ],
      series: [
        {},
        {
          label: title,
          stroke: color('--tv-normal'),
          fill: translucent(color('--tv-normal'), 18),
          width: 1.5,
          points: { show: false },
        },
      ],
    }),
  };
}
