// Dragging by keyboard: the arrow keys take the card from blade to blade.
import type { KeyboardCoordinateGetter } from '@dnd-kit/core';

/** @param order host ids from left to right */
export function bladeToBlade(order: () => string[]): KeyboardCoordinateGetter {
  return (event, { context, currentCoordinates }) => {
    const step = STEPS[event.code];
    if (step === undefined) return undefined;
    event.preventDefault();
    const hosts = order();
    const here = hosts.indexOf(String(context.over?.id ?? ''));
    const there = hosts[Math.min(hosts.length - 1, Math.max(0, here + step))];
    const rect = context.droppableRects.get(there);
    return rect ? { x: rect.left + 16, y: rect.top + 96 } : currentCoordinates;
  };
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
