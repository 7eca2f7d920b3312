// Who has the terminal by the command line: the first serial port, a monitor, or both.

import type { Backend, Target } from './backends.ts';
import { UsageError } from './common/usage-error.ts';
import type { MonitorOption } from './monitor/endpoints.ts';

interface TerminalOptions {
  monitors: readonly MonitorOption[];
  /** Something was said of -monitor. */
  monitorGiven: boolean;
  serial: readonly Target[];
  chardevs: Readonly<Record<string, Backend>>;
  noDefaults: boolean;
  noGraphic: boolean;
}

/** Is the first serial port the terminal where nothing is said of serial ports? A monitor that has it leaves it to none, but with -nographic. */
export function serialByDefault({ monitors, noDefaults, noGraphic }: TerminalOptions): boolean {
  return !noDefaults && (noGraphic || !monitors.some(hasTerminal));
}

/**
 * Does a monitor share the terminal with a serial port? It does by mon:stdio, and where nothing is said of either, as with QEMU's
 * -nographic. Throws UsageError if several want the terminal for themselves.
 */
export function sharesTerminal(options: TerminalOptions): boolean {
  const { monitors, monitorGiven, serial } = options;
  const own = monitors.filter(hasTerminal).length;
  const printed = serial.length === 0 ? serialByDefault(options) : usesTerminal(options);
  if (own + Number(printed) > 1)
    throw new UsageError('-monitor stdio: only one can have the terminal; "-serial mon:stdio" shares it');
  const asked = serial.some((target) => target.kind === 'backend' && target.mux === true);
  return asked || (serial.length === 0 && printed && !monitorGiven);
}

function hasTerminal({ place }: MonitorOption): boolean {
  return place.kind === 'stdio';
}

function usesTerminal({ serial, chardevs }: TerminalOptions): boolean {
  return serial.some((target) => {
    if (target.kind === 'backend') return target.backend.kind === 'stdio';
    return target.kind === 'chardev' && Object.hasOwn(chardevs, target.id) && chardevs[target.id].kind === 'stdio';
  });
}
