// Draws the dots of page-flow.ts on a canvas over the wire. Runs only while there are any; with reduced motion it draws
// nothing (the wire itself lights up, and the figures stand beside it).
import { useEffect, useRef } from 'react';
import type { MigrationStatistics } from '../../engine/host/api.ts';
import { reportKey } from '../state/migrations.ts';
import { PageFlow, type PageKind } from './page-flow.ts';
import { type Point, pointOn } from './wire-path.ts';

interface FlyingPagesProps {
  moves: MigrationStatistics[];
  /** "source>target" → way. */
  paths: Map<string, Point[]>;
  /** CSS pixels. */
  width: number;
  height: number;
}

const DOT = 5;
/** How far dots stray from the wire, CSS pixels. */
const SPREAD = 8;

interface Flow {
  flow: PageFlow;
  from: string;
  to: string;
}

export function FlyingPages({ moves, paths, width, height }: FlyingPagesProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const flows = useRef(new Map<string, Flow>());
  const frame = useRef(0);
  const pathsNow = useRef(paths);

  useEffect(() => {
    pathsNow.current = paths;
  }, [paths]);

  useEffect(() => {
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    const live = reportAll(flows.current, moves, performance.now());
    const step = () => {
      draw(canvas.current, flows.current, pathsNow.current);
      const busy = [...flows.current.values()].some(({ flow }) => !flow.isQuiet());
      frame.current = busy ? requestAnimationFrame(step) : 0;
    };
    // A flow outlives its migration until its last dot has arrived.
    for (const [key, { flow }] of flows.current) if (!live.has(key) && flow.isQuiet()) flows.current.delete(key);
    if (frame.current === 0 && flows.current.size > 0) frame.current = requestAnimationFrame(step);
  }, [moves]);

  useEffect(
    () => () => {
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    },
    [],
  );

  const scale = globalThis.devicePixelRatio;
  return (
    <canvas ref={canvas} className="tv-pages" width={width * scale} height={height * scale} style={{ width, height }} />
  );
}

/** Hands each migration's news to its flow. @returns the keys of the migrations under way */
function reportAll(flows: Map<string, Flow>, moves: MigrationStatistics[], now: number): Set<string> {
  const live = new Set<string>();
  for (const move of moves) {
    const key = reportKey(move);
    live.add(key);
    const entry = flows.get(key) ?? { flow: new PageFlow(), from: move.sourceHostId, to: move.targetHostId };
    flows.set(key, entry);
    entry.flow.report(move, now);
  }
  return live;
}

function draw(canvas: HTMLCanvasElement | null, flows: Map<string, Flow>, paths: Map<string, Point[]>): void {
  const context = canvas?.getContext('2d');
  if (!canvas || !context) return;
  const style = getComputedStyle(canvas);
  const colours: Record<PageKind, string> = {
    zero: style.getPropertyValue('--tv-zero'),
    normal: style.getPropertyValue('--tv-normal'),
    resent: style.getPropertyValue('--tv-resent'),
  };
  const now = performance.now();
  const scale = globalThis.devicePixelRatio;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (const { flow, from, to } of flows.values()) {
    const path = paths.get(`${from}>${to}`);
    if (!path) continue;
    for (const { dot, progress } of flow.inFlight(now)) {
      const { x, y, along } = pointOn(path, progress);
      const aside = dot.lane * SPREAD;
      context.fillStyle = colours[dot.kind];
      context.fillRect(x + (along ? 0 : aside) - DOT / 2, y + (along ? aside : 0) - DOT / 2, DOT, DOT);
    }
  }
}
