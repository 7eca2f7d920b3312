// Serial ports, printers and debug ports, and where what they print goes: -serial, -parallel, -debugcon, and -device with a -chardev.

import type { DeviceSpec } from '../engine/pc/bus/device-model.ts';
import { deviceProblem } from '../engine/pc/machine/machine-check.ts';
import type { Backend, Target } from './backends.ts';
import { UsageError } from './common/usage-error.ts';
import { type DeviceOption, PVPANIC } from './device-options.ts';
import type { Draft } from './option-draft.ts';
import { serialByDefault } from './terminal-options.ts';

/** Models that options of their own ask for. */
const SERIAL = 'isa-serial';
const PARALLEL = 'isa-parallel';
const DEBUGCON = 'isa-debugcon';
/** LPT1 to LPT3 as QEMU has them. */
const PARALLEL_PORTS = [0x378, 0x278, 0x3bc];

export interface OutputDevices {
  /** By the channel of the guest's devices. */
  backends: Record<string, Backend>;
  /** The channel of COM1; undefined: its output goes nowhere. */
  com1?: string;
  /** Beside those of every machine. */
  devices: DeviceSpec[];
}

/** Gives every device that prints its channel. Throws UsageError. */
export function connectOutputs(draft: Draft): OutputDevices {
  const backends: Record<string, Backend> = {};
  const channel = (option: string, name: string, target: Target | undefined): string | undefined => {
    if (target === undefined || target.kind === 'none') return undefined;
    if (target.kind === 'backend') {
      backends[name] = target.backend;
      return name;
    }
    const backend = Object.hasOwn(draft.chardevs, target.id) ? draft.chardevs[target.id] : undefined;
    if (!backend) throw new UsageError(`${option}: there is no -chardev with id=${target.id}`);
    backends[`chardev:${target.id}`] = backend;
    return `chardev:${target.id}`;
  };
  const devices: DeviceSpec[] = [];
  const add = (model: string, properties: DeviceOption['properties'], chardev: string | undefined) => {
    if (chardev !== undefined) devices.push({ model, properties: { ...properties, chardev } });
  };

  const serial: (Target | undefined)[] = [...draft.serial];
  // The first serial port is the terminal where nothing else is said, as with -nographic.
  if (serial.length === 0 && serialByDefault(draft)) serial.push({ kind: 'backend', backend: { kind: 'stdio' } });
  const parallel: { iobase?: number; target: Target }[] = draft.parallel.map((target) => ({ target }));
  for (const [n, target] of draft.debugcons.entries()) add(DEBUGCON, {}, channel('-debugcon', `debugcon${n}`, target));
  for (const { model, properties } of draft.devices) {
    const { chardev, ...rest } = properties;
    const target: Target = { kind: 'chardev', id: String(chardev) };
    if (model === PVPANIC) continue; // always there; see endOnPanic
    if (model === SERIAL) place(serial, Number(rest.index ?? serial.length), target);
    else if (model === PARALLEL) parallel.push({ iobase: rest.iobase as number | undefined, target });
    else if (chardev === undefined) devices.push({ model, properties });
    else add(model, rest, channel(`-device ${model}`, '', target));
  }
  if (serial.length > 4) throw new UsageError('-serial: a machine has four serial ports at most');
  const ports = Array.from(serial, (target, n) => channel('-serial', `serial${n}`, target));
  for (const [index, printed] of ports.entries()) if (index > 0) add(SERIAL, { index }, printed);
  for (const [n, { iobase = PARALLEL_PORTS.at(n), target }] of parallel.entries()) {
    if (iobase === undefined) throw new UsageError('-parallel: a machine has three parallel ports at most');
    add(PARALLEL, { iobase }, channel('-parallel', `parallel${n}`, target));
  }
  const problem = deviceProblem(draft.memoryMiB, devices);
  if (problem) throw new UsageError(`-device: ${problem}`);
  return { backends, com1: ports[0], devices };
}

function place(ports: (Target | undefined)[], index: number, target: Target): void {
  if (ports[index] !== undefined) throw new UsageError(`-device ${SERIAL}: serial port ${index} is there already`);
  ports[index] = target;
}
