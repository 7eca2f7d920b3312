// The page's colours and font for uPlot, which takes them at creation.
import type uPlot from 'uplot';

export interface ChartTheme {
  /** A custom property of the page, as `--tv-quiet`. */
  color(property: string): string;
  /** What all axes have in common. */
  axis: uPlot.Axis;
  font: string;
}

export function chartTheme(element: HTMLElement): ChartTheme {
  const style = getComputedStyle(element);
  const color = (property: string) => style.getPropertyValue(property);
  const font = `12px ${style.fontFamily}`;
  const lines = { stroke: color('--tv-line-subtle'), width: 1 };
  return { color, font, axis: { stroke: color('--tv-quiet'), grid: lines, ticks: lines, font } };
}

export function translucent(color: string, percent: number): string {
  return `color-mix(in srgb, ${color} ${percent}%, transparent)`;
}
