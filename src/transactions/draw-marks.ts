// Draws migrations into a chart as bands from their start to their end, in the colour of how they went, with the VM's name
// where there is room for it.
import type uPlot from 'uplot';
import { type ChartTheme, translucent } from '../charts/chart-theme.ts';
import type { MarkState, MigrationMark } from './migration-marks.ts';

const COLORS: Record<MarkState, string> = {
  running: '--tv-busy',
  completed: '--tv-ok',
  failed: '--tv-bad',
  cancelled: '--tv-warn',
};

/** CSS pixels. */
const NARROWEST = 3;
const TEXT_GAP = 6;

/** For the hook `drawClear`: under everything else. */
export function drawMarks(chart: uPlot, marks: readonly MigrationMark[], theme: ChartTheme, withNames: boolean): void {
  const { color, font } = theme;
  const { ctx, bbox } = chart;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = font.replace(/^[\d.]+/, (size) => String(Number(size) * ratio));
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  let textEnd = Number.NEGATIVE_INFINITY;
  for (const { from, to, state, vmName } of marks) {
    const left = chart.valToPos(from, 'x', true);
    const width = Math.max(NARROWEST * ratio, chart.valToPos(to, 'x', true) - left);
    const stateColor = color(COLORS[state]);
    ctx.fillStyle = translucent(stateColor, 28);
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.fillStyle = stateColor;
    ctx.fillRect(left, bbox.top, width, NARROWEST * ratio);
    if (!withNames) continue;
    const textWidth = ctx.measureText(vmName).width;
    // At the right edge it stands before the band.
    const text = Math.min(left + NARROWEST * ratio, bbox.left + bbox.width - textWidth);
    if (text < textEnd) continue;
    ctx.fillStyle = color('--tv-text');
    ctx.fillText(vmName, text, bbox.top + (NARROWEST + 2) * ratio);
    textEnd = text + textWidth + TEXT_GAP * ratio;
  }
  ctx.restore();
}
