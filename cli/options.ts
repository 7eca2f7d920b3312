// The runner's command line: QEMU's option names, and only those that mean something here. An option that it does not know,
// or a value that it cannot honour, is an error that names it.

import type { BootOptions } from '../engine/pc/bus/boot.ts';
import type { CpuSpec, DriveSpec } from '../engine/vmkernel/spec/spec.ts';
import { UsageError } from './common/usage-error.ts';
import { PVPANIC } from './device-options.ts';
import { drivesOf, shortDrive } from './drive-options.ts';
import { HELP } from './help.ts';
import { checkAccelerators } from './machine-options.ts';
import type { MonitorOption } from './monitor/endpoints.ts';
import type { Netdev } from './net/netdev.ts';
import { nicsOf, type PlacedNic } from './net/nic-options.ts';
import { type Draft, emptyDraft } from './option-draft.ts';
import { OPTIONS } from './option-table.ts';
import { connectOutputs, type OutputDevices } from './output-devices.ts';
import { sharesTerminal } from './terminal-options.ts';

export interface RunnerOptions extends OutputDevices {
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
  drives: DriveSpec[];
  /** Files of drives of which no format was told. */
  untoldFormats: string[];
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

const VERSION = 'tabvisor\n';

/** Throws UsageError. */
export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  const draft = emptyDraft();
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    const name = word.replace(/^--?/, '');
    if (name === word) {
      draft.drives.push({ ...shortDrive('hda', word), option: word });
      continue;
    }
    if (name === 'version') return { kind: 'help', text: VERSION };
    if (name === 'help' || name === 'h') return { kind: 'help', text: HELP };
    const handler = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
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
    untoldFormats: draft.drives.flatMap(({ file, isRaw }) => (file && !isRaw ? [file] : [])),
    driveNames: drives.map(({ name }) => name),
    nics: nicsOf(draft.nics, draft.netdevs),
    netdevs: draft.netdevs,
    ...(draft.name !== undefined && { name: draft.name }),
    ...connectOutputs(draft),
    monitors: draft.monitors,
    sharedMonitor: sharesTerminal(draft),
  };
}
