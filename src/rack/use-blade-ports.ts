// Where each blade's port is, measured from the blades themselves.
import { type RefObject, useEffect, useState } from 'react';

export interface Ports {
  /** CSS pixels. */
  width: number;
  /** Host id → x of its port. */
  ports: Map<string, number>;
}

/** Measures again when the rack changes its size or its hosts. */
export function useBladePorts(rack: RefObject<HTMLDivElement | null>, hostOrder: string[]): Ports {
  const [measured, setMeasured] = useState<Ports>({ width: 0, ports: new Map() });
  // Not a layout effect: the rack is an ancestor, whose ref is set only after those of its children.
  useEffect(() => {
    const element = rack.current;
    if (!element) return;
    const measure = () => {
      const ports = new Map<string, number>();
      for (const id of hostOrder) {
        const blade = element.querySelector<HTMLElement>(`[data-host-id="${CSS.escape(id)}"]`);
        if (blade) ports.set(id, Math.round(blade.offsetLeft + blade.offsetWidth / 2));
      }
      setMeasured({ width: element.clientWidth, ports });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [rack, hostOrder]);
  return measured;
}
