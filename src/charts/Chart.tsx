// A uPlot chart in the page: as wide as its place, in the theme's colours, redrawn when its source says so.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useConsole } from '../state/store.ts';
import { type ChartTheme, chartTheme } from './chart-theme.ts';
import 'uplot/dist/uPlot.min.css';
import './charts.css';

/** What a chart shows. One object stays one chart: make it outside of render, or keep it in a memo. */
export interface ChartSource {
  data(): uPlot.AlignedData;
  options(theme: ChartTheme): Omit<uPlot.Options, 'width' | 'height'>;
  /** Calls `changed` after each change of the data. Returns the unsubscribe function. */
  subscribe(changed: () => void): () => void;
}

interface ChartProps {
  /** What it shows, for who does not see it. */
  label: string;
  /** CSS pixels. */
  height: number;
  source: ChartSource;
}

export function Chart({ label, height, source }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useConsole((state) => state.preferences.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme means new colours, which uPlot takes at creation
  useEffect(() => {
    const parent = place.current;
    if (!parent) return;
    const options = { ...source.options(chartTheme(parent)), width: parent.clientWidth, height };
    const chart = new uPlot(options, source.data(), parent);
    const resize = new ResizeObserver(() => chart.setSize({ width: parent.clientWidth, height }));
    resize.observe(parent);
    let due = 0;
    const stop = source.subscribe(() => {
      // Several sources may speak in one frame.
      due ||= requestAnimationFrame(() => {
        due = 0;
        chart.setData(source.data());
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(due);
      resize.disconnect();
      chart.destroy();
    };
  }, [source, height, theme]);
  return <div className="tv-chart" ref={place} role="img" aria-label={label} />;
}
