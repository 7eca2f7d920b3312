// Where the beam is: input status register 1, which programs wait on. Computed from guest time and the CRT controller's registers when it is
// read; nothing runs in between.

import {
  CLOCKING_8_DOTS,
  CLOCKING_HALF,
  CRTC_HORIZONTAL_END,
  CRTC_HORIZONTAL_TOTAL,
  CRTC_OVERFLOW,
  CRTC_RETRACE_END,
  CRTC_RETRACE_START,
  CRTC_VERTICAL_END,
  CRTC_VERTICAL_TOTAL,
  SEQ_CLOCKING,
  type VgaRegisters,
} from './registers.ts';

/** Nothing is displayed at this moment: the beam is behind the end of a line or of the picture. */
const STATUS_BLANKED = 0x01;
const STATUS_RETRACE = 0x08;

/** By the clock select bits; the third and fourth clock come from a feature connector that is not there (FreeVGA, miscellaneous output). */
const DOT_CLOCKS_MHZ = [25.175, 28.322, 25.175, 28.322] as const;

/** Of 250 Hz: what is shorter is not meant for a monitor. */
const LEAST_FRAME_NS = 4e6;

export interface FrameTiming {
  /** In ns. */
  lineNs: number;
  /** The part of a line that is displayed, of 1. */
  shownPart: number;
  /** Lines. */
  total: number;
  shown: number;
  retraceStart: number;
  retraceLines: number;
}

/** Of modes whose timing nobody sets, and while the registers make none: 60 Hz. */
export function defaultTiming(shown: number): FrameTiming {
  const total = Math.ceil(shown * 1.05) + 4;
  return { lineNs: 1e9 / 60 / total, shownPart: 0.8, total, shown, retraceStart: shown + 2, retraceLines: 2 };
}

export function registerTiming({ crtc, sequencer, output }: VgaRegisters): FrameTiming {
  const clocking = sequencer[SEQ_CLOCKING]!;
  const overflow = crtc[CRTC_OVERFLOW]!;
  const high = (bit8: number, bit9: number) => (((overflow >> bit8) & 1) << 8) | (((overflow >> bit9) & 1) << 9);
  const columns = crtc[CRTC_HORIZONTAL_TOTAL]! + 5;
  const total = (crtc[CRTC_VERTICAL_TOTAL]! | high(0, 5)) + 2;
  const shown = (crtc[CRTC_VERTICAL_END]! | high(1, 6)) + 1;
  const retraceStart = crtc[CRTC_RETRACE_START]! | high(2, 7);
  const shownColumns = crtc[CRTC_HORIZONTAL_END]! + 1;
  const dots = columns * (clocking & CLOCKING_8_DOTS ? 8 : 9) * (clocking & CLOCKING_HALF ? 2 : 1);
  const lineNs = (dots * 1000) / DOT_CLOCKS_MHZ[(output >> 2) & 3]!;
  const isFrame = shown < total && retraceStart < total && shownColumns < columns && lineNs * total >= LEAST_FRAME_NS;
  if (!isFrame) return defaultTiming(480);
  return {
    lineNs,
    shownPart: shownColumns / columns,
    ...{ total, shown, retraceStart },
    retraceLines: (crtc[CRTC_RETRACE_END]! - retraceStart) & 0x0f || 16,
  };
}

/** Bits 0 and 3 of input status 1 at guest time `now`, in ns. */
export function retraceStatus(timing: FrameTiming, now: number): number {
  const lines = now / timing.lineNs;
  const line = Math.floor(lines) % timing.total;
  const inLine = lines - Math.floor(lines);
  const since = (line - timing.retraceStart + timing.total) % timing.total;
  const blanked = line >= timing.shown || inLine >= timing.shownPart;
  return (blanked ? STATUS_BLANKED : 0) | (since < timing.retraceLines ? STATUS_RETRACE : 0);
}
