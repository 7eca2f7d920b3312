// A chart of one figure over the last minutes (uPlot), drawn anew at each sample while it is on the screen.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { type Series, samples } from '../state/samples.ts';
import { useConsole } from '../state/store.ts';
import 'uplot/dist/uPlot.min.css';
import './charts.css';

interface TimeChartProps {
  id: string;
  title: string;
  unit: string;
  figure: Exclude<keyof Series, 'time'>;
  /** The scale's upper end; without it the scale follows the data. */
  max?: number;
}

const HEIGHT = 150;
/** Seconds shown. */
const WINDOW = 300;

export function TimeChart({ id, title, unit, figure, max }: TimeChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useConsole((state) => state.preferences.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme means new colours, which uPlot takes at creation
  useEffect(() => {
    const parent = place.current;
    if (!parent) return;
    const chart = new uPlot(options(parent, title, unit, max), dataOf(id, figure), parent);
    const resize = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height: HEIGHT }));
    resize.observe(parent);
    const stop = samples.subscribe(id, () => chart.setData(dataOf(id, figure)));
    return () => {
      stop();
      resize.disconnect();
      chart.destroy();
    };
  }, [id, title, unit, figure, max, theme]);
  return (
    <div
      className="tv-chart tv-panel"
      ref={place}
      role="img"
      aria-label={`${title} over the last five minutes, ${unit}`}
    />
  );
}

function dataOf(id: string, figure: TimeChartProps['figure']): uPlot.AlignedData {
  const series = samples.series(id);
  return [series.time, series[figure]];
}

function options(parent: HTMLElement, title: string, unit: string, max: number | undefined): uPlot.Options {
  const style = getComputedStyle(parent);
  const text = style.getPropertyValue('--tv-quiet');
  const line = style.getPropertyValue('--tv-line-subtle');
  const font = `12px ${style.fontFamily}`;
  const axis: uPlot.Axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font };
  return {
    title: `${title} (${unit})`,
    width: parent.clientWidth,
    height: HEIGHT,
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
        stroke: style.getPropertyValue('--tv-normal'),
        fill: `color-mix(in srgb, ${style.getPropertyValue('--tv-normal')} 18%, transparent)`,
        width: 1.5,
        points: { show: false },
      },
    ],
  };
}
