// The runner's command line: QEMU's option names, and only those that mean something here. An option that it does not know,
// or a value that it cannot honour, is an error that names it.

import type { BootOptions } from '../engine/pc/bus/boot.ts';
import type { DeviceSpec } from '../engine/pc/bus/device-model.ts';
import { deviceProblem } from '../engine/pc/machine/machine-check.ts';
import type { CpuSpec, DriveSpec } from '../engine/vmkernel/spec/spec.ts';
import { VM_MEMORY } from '../engine/vmkernel/spec/spec-check.ts';
import { type Backend, CHARDEV_HELP, parseChardev, parseTarget, type Target } from './backends.ts';
import { UsageError } from './common/usage-error.ts';
import { CPU_HELP, parseCpu } from './cpu-models.ts';
import { type DeviceOption, deviceHelp, PVPANIC, parseDevice } from './device-options.ts';
import {
  type DriveDeviceOption,
  type DriveOption,
  drivesOf,
  parseDrive,
  parseDriveDevice,
  shortDrive,
} from './drive-options.ts';
import { HELP } from './help.ts';
import {
  ACCEL_HELP,
  checkAccelerators,
  checkRtc,
  checkSmp,
  MACHINE_HELP,
  parseAccel,
  parseBoot,
  parseMachine,
} from './machine-options.ts';
import { type MonitorOption, parseMonitor } from './monitor/endpoints.ts';
import { type Netdev, parseNetdev } from './net/netdev.ts';
import { type NicOption, nicsOf, type PlacedNic, parseNic, parseNicDevice } from './net/nic-options.ts';
import { serialByDefault, sharesTerminal } from './terminal-options.ts';

export interface RunnerOptions {
  memoryMiB: number;
  /** Without one the machine starts from firmware. */
  kernel?: string;
  /** SeaBIOS if left out. */
  bios?: string;
  /** Folders in which firmware is looked for too. */
  biosFolders: string[];
  /** Option ROMs: of the cards of which model, and the file. */
  romFiles: RomFile[];
  /** As given: for a multiboot kernel a list of "file arguments", separated by commas. */
  initrd?: string;
  commandLine: string;
  noReboot: boolean;
  noShutdown: boolean;
  /** A panic that the guest's kernel reports is an end too. */
  endOnPanic: boolean;
  stats: boolean;
  /** By the channel of the guest's devices. */
  backends: Record<string, Backend>;
  /** The channel of COM1; undefined: its output goes nowhere. */
  com1?: string;
  /** Beside those of every machine. */
  devices: DeviceSpec[];
  drives: DriveSpec[];
  /** What the monitor calls them. */
  driveNames: string[];
  nics: PlacedNic[];
  netdevs: Netdev[];
  monitors: MonitorOption[];
  /** A monitor shares the terminal with a serial port: Ctrl-A C switches between them. */
  sharedMonitor: boolean;
  /** For the monitor. */
  name?: string;
  cpu?: CpuSpec;
  boot?: BootOptions;
  /** Undefined: as firmware needs it. */
  vga?: 'std' | 'none';
  /** Shown to the user before the machine starts. */
  warnings: string[];
}

export interface RomFile {
  model: string;
  file: string;
}

export type ParsedCommandLine = { kind: 'run'; options: RunnerOptions } | { kind: 'help'; text: string };

interface Draft {
  memoryMiB: number;
  kernel?: string;
  bios?: string;
  biosFolders: string[];
  initrd?: string;
  commandLine: string;
  noReboot: boolean;
  noShutdown: boolean;
  stats: boolean;
  /** Of -machine and -accel, in the order to try; empty: any. */
  accelerators: readonly string[];
  noDefaults: boolean;
  chardevs: Record<string, Backend>;
  serial: Target[];
  parallel: Target[];
  debugcons: Target[];
  devices: DeviceOption[];
  drives: DriveOption[];
  driveDevices: DriveDeviceOption[];
  snapshot: boolean;
  nics: NicOption[];
  netdevs: Netdev[];
  monitors: MonitorOption[];
  /** Something was said of -monitor. */
  monitorGiven: boolean;
  noGraphic: boolean;
  name?: string;
  cpu?: CpuSpec;
  boot?: BootOptions;
  vga?: 'std' | 'none';
  warnings: string[];
  help?: string;
}

type Handler =
  | { takesValue: false; apply(draft: Draft): void }
  | { takesValue: true; apply(draft: Draft, value: string): void };

/** Models that options of their own ask for. */
const SERIAL = 'isa-serial';
const PARALLEL = 'isa-parallel';
const DEBUGCON = 'isa-debugcon';
/** LPT1 to LPT3 as QEMU has them. */
const PARALLEL_PORTS = [0x378, 0x278, 0x3bc];
const VERSION = 'tabvisor\n';
const flag = (apply: (draft: Draft) => void): Handler => ({ takesValue: false, apply });
const option = (apply: (draft: Draft, value: string) => void): Handler => ({ takesValue: true, apply });
const nothing = flag(() => {});
const isHelp = (value: string): boolean => value === 'help' || value === '?';

/** An option whose values only say what the machine does anyway. Properties behind a comma are the value's business. */
const only = (name: string, ...accepted: string[]): Handler =>
  option((_draft, value) => {
    if (accepted.includes(value)) return;
    const choices = accepted.map((one) => `"-${name} ${one}"`).join(' or ');
    throw new UsageError(`-${name} ${value}: only ${choices} is possible here`);
  });

const HANDLERS: Record<string, Handler> = {
  m: option((draft, value) => {
    draft.memoryMiB = memorySize(value);
  }),
  kernel: option((draft, value) => {
    draft.kernel = value;
  }),
  bios: option((draft, value) => {
    draft.bios = value;
  }),
  initrd: option((draft, value) => {
    draft.initrd = value;
  }),
  append: option((draft, value) => {
    draft.commandLine = value;
  }),
  cpu: option((draft, value) => {
    if (isHelp(value)) {
      draft.help = CPU_HELP;
      return;
    }
    const { cpu, warnings } = parseCpu(value);
    draft.cpu = cpu;
    draft.warnings.push(...warnings);
  }),
  smp: option((_draft, value) => checkSmp(value)),
  M: option((draft, value) => machine(draft, '-M', value)),
  machine: option((draft, value) => machine(draft, '-machine', value)),
  accel: option((draft, value) => {
    if (isHelp(value)) draft.help = ACCEL_HELP;
    else draft.accelerators = [...draft.accelerators, parseAccel(value)];
  }),
  boot: option((draft, value) => {
    draft.boot = { ...draft.boot, ...parseBoot(value) };
  }),
  L: option((draft, value) => {
    draft.biosFolders.push(value);
  }),
  d: option((draft, value) => {
    draft.warnings.push(`-d ${value}: nothing is logged here, -stats has figures`);
  }),
  D: option((draft, value) => {
    draft.warnings.push(`-D ${value}: nothing is logged here`);
  }),
  nographic: flag((draft) => {
    draft.noGraphic = true;
  }),
  display: only('display', 'none'),
  vga: option((draft, value) => {
    if (value !== 'std' && value !== 'none')
      throw new UsageError(`-vga ${value}: only "std" and "none" are possible here`);
    draft.vga = value;
  }),
  vnc: only('vnc', 'none'),
  monitor: option((draft, value) => {
    draft.monitorGiven = true;
    draft.monitors.push(...parseMonitor('human', '-monitor', value));
  }),
  nic: option((draft, value) => {
    const parsed = parseNic(value, draft.nics.length);
    if (!parsed) return;
    draft.nics.push(parsed.nic);
    draft.netdevs.push(parsed.netdev);
  }),
  netdev: option((draft, value) => {
    draft.netdevs.push(parseNetdev(value));
  }),
  net: only('net', 'none'),
  rtc: option((_draft, value) => checkRtc(value)),
  name: option((draft, value) => {
    draft.name = value.split(',')[0].replace(/^guest=/, '');
  }),
  nodefaults: flag((draft) => {
    draft.noDefaults = true;
  }),
  'no-user-config': nothing,
  nodefconfig: nothing,
  singlestep: nothing,
  'mem-prealloc': nothing,
  k: option(() => {}),
  qmp: option((draft, value) => {
    draft.monitors.push(...parseMonitor('qmp', '-qmp', value));
  }),
  balloon: only('balloon', 'none'),
  sandbox: only('sandbox', 'off'),
  'no-acpi': nothing,
  'no-hpet': nothing,
  'no-reboot': flag((draft) => {
    draft.noReboot = true;
  }),
  'no-shutdown': flag((draft) => {
    draft.noShutdown = true;
  }),
  chardev: option((draft, value) => {
    if (isHelp(value)) {
      draft.help = CHARDEV_HELP;
      return;
    }
    const { id, backend } = parseChardev(value);
    if (Object.hasOwn(draft.chardevs, id)) throw new UsageError(`-chardev ${value}: the id "${id}" is taken`);
    draft.chardevs[id] = backend;
  }),
  serial: option((draft, value) => {
    draft.serial.push(parseTarget('-serial', value));
  }),
  parallel: option((draft, value) => {
    draft.parallel.push(parseTarget('-parallel', value));
  }),
  debugcon: option((draft, value) => {
    draft.debugcons.push(parseTarget('-debugcon', value));
  }),
  drive: option((draft, value) => {
    draft.drives.push(parseDrive(value));
  }),
  ...Object.fromEntries(
    ['hda', 'hdb', 'hdc', 'hdd', 'cdrom', 'fda', 'fdb'].map((name) => [
      name,
      option((draft, value) => {
        draft.drives.push(shortDrive(name, value));
      }),
    ]),
  ),
  snapshot: flag((draft) => {
    draft.snapshot = true;
  }),
  device: option((draft, value) => {
    const drive = parseDriveDevice(value);
    if (drive) {
      draft.driveDevices.push(drive);
      return;
    }
    const nic = parseNicDevice(value);
    if (nic) {
      draft.nics.push(nic);
      return;
    }
    const help = deviceHelp(value);
    if (help === undefined) draft.devices.push(parseDevice(value));
    else draft.help = help;
  }),
  stats: flag((draft) => {
    draft.stats = true;
  }),
};

/** Throws UsageError. */
export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  const draft: Draft = {
    memoryMiB: 128,
    biosFolders: [],
    accelerators: [],
    commandLine: '',
    noReboot: false,
    noShutdown: false,
    stats: false,
    noDefaults: false,
    chardevs: {},
    serial: [],
    parallel: [],
    debugcons: [],
    devices: [],
    drives: [],
    driveDevices: [],
    snapshot: false,
    nics: [],
    netdevs: [],
    monitors: [],
    monitorGiven: false,
    noGraphic: false,
    warnings: [],
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    const name = word.replace(/^--?/, '');
    if (name === word) {
      draft.drives.push({ ...shortDrive('hda', word), option: word });
      continue;
    }
    if (name === 'version') return { kind: 'help', text: VERSION };
    if (name === 'help' || name === 'h') return { kind: 'help', text: HELP };
    const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
    if (!handler) throw new UsageError(`${word}: unknown option`);
    if (!handler.takesValue) {
      handler.apply(draft);
      continue;
    }
    if (++i >= args.length) throw new UsageError(`${word}: needs a value`);
    handler.apply(draft, args[i]);
  }
  if (draft.help !== undefined) return { kind: 'help', text: draft.help };
  return { kind: 'run', options: complete(draft) };
}

function complete(draft: Draft): RunnerOptions {
  checkAccelerators(draft.accelerators);
  const { kernel, bios, biosFolders, initrd, warnings, memoryMiB, commandLine, noReboot, noShutdown, stats } = draft;
  if (kernel !== undefined && bios !== undefined)
    throw new UsageError('-bios: a kernel is started without a BIOS here');
  const drives = drivesOf(draft.drives, draft.driveDevices, draft.snapshot);
  return {
    endOnPanic: draft.devices.some(({ model }) => model === PVPANIC),
    cpu: draft.cpu,
    boot: draft.boot,
    romFiles: [...draft.devices, ...draft.nics].flatMap(({ model, romFile }) =>
      romFile === undefined ? [] : [{ model, file: romFile }],
    ),
    vga: draft.vga,
    ...{ memoryMiB, kernel, bios, biosFolders, initrd, commandLine, noReboot, noShutdown, stats, warnings },
    drives: drives.map(({ spec }) => spec),
    driveNames: drives.map(({ name }) => name),
    nics: nicsOf(draft.nics, draft.netdevs),
    netdevs: draft.netdevs,
    ...(draft.name !== undefined && { name: draft.name }),
    ...connect(draft),
    monitors: draft.monitors,
    sharedMonitor: sharesTerminal(draft),
  };
}

/** Gives every device that prints its channel. */
function connect(draft: Draft): Pick<RunnerOptions, 'backends' | 'com1' | 'devices'> {
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

/** The last one that names accelerators wins, as in QEMU. */
function machine(draft: Draft, name: string, value: string): void {
  if (isHelp(value)) draft.help = MACHINE_HELP;
  else draft.accelerators = parseMachine(name, value) ?? draft.accelerators;
}

/** QEMU's -m: a number of MiB, or with a suffix; also "size=…". */
function memorySize(value: string): number {
  const match = /^(?:size=)?(\d+)([MG]?)$/i.exec(value);
  const size = match ? Number(match[1]) * (match[2].toUpperCase() === 'G' ? 1024 : 1) : 0;
  const { least, most } = VM_MEMORY;
  if (size < least || size > most)
    throw new UsageError(`-m ${value}: memory is ${least} to ${most} MiB, for instance "-m 128"`);
  return size;
}
