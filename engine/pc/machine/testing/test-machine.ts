// A machine whose host is recorded: what it prints, drives and asks for.

import { CONSOLE_CHANNEL } from '../../bus/board.ts';
import { Machine } from '../machine.ts';
import type { MachineConfig } from '../machine-config.ts';

export interface Seen {
  machine: Machine;
  config: MachineConfig;
  host: { ms: number };
  /** By channel. */
  printed: Record<string, string>;
  intr: boolean;
  a20: boolean;
  events: string[];
}

/** By default of 64 MiB, with what every machine has. */
export function build(changes: Partial<MachineConfig> = {}): Seen {
  const seen = {
    host: { ms: 500 },
    printed: { [CONSOLE_CHANNEL]: '' },
    intr: false,
    a20: false,
    events: [],
  } as unknown as Seen;
  seen.config = {
    memoryMiB: 64,
    hostNow: () => seen.host.ms,
    wallClock: () => Date.UTC(2026, 10, 22, 12, 0, 0),
    devices: [],
    memory: { read: () => false, write: () => false, require: () => false },
    output: (channel) => (bytes) => {
      seen.printed[channel] = (seen.printed[channel] ?? '') + new TextDecoder('latin1').decode(bytes);
    },
    interruptLine: (level) => {
      seen.intr = level;
    },
    raiseNmi: () => seen.events.push('NMI'),
    a20Line: (enabled) => {
      seen.a20 = enabled;
    },
    resetRequested: () => seen.events.push('reset'),
    powerOff: () => seen.events.push('power off'),
    ...changes,
  };
  seen.machine = new Machine(seen.config);
  return seen;
}

/** Vectors 30h and 38h, everything unmasked. */
export function initializePics(machine: Machine): void {
  for (const [base, vector, cascade] of [
    [0x20, 0x30, 4],
    [0xa0, 0x38, 2],
  ]) {
    for (const [offset, value] of [
      [0, 0x11],
      [1, vector],
      [1, cascade],
      [1, 1],
      [1, 0],
    ]) {
      machine.portWrite(base + offset, 1, value);
    }
  }
}
