// The table of options by QEMU's names: what each does to the draft.

import { VM_MEMORY } from '../engine/vmkernel/spec/spec-check.ts';
import { CHARDEV_HELP, parseChardev, parseTarget } from './backends.ts';
import { UsageError } from './common/usage-error.ts';
import { CPU_HELP, parseCpu } from './cpu-models.ts';
import { deviceHelp, parseDevice } from './device-options.ts';
import { parseDrive, parseDriveDevice, shortDrive } from './drive-options.ts';
import {
  ACCEL_HELP,
  checkRtc,
  checkSmp,
  MACHINE_HELP,
  parseAccel,
  parseBoot,
  parseMachine,
} from './machine-options.ts';
import { parseMonitor } from './monitor/endpoints.ts';
import { parseNetdev } from './net/netdev.ts';
import { parseNic, parseNicDevice } from './net/nic-options.ts';
import type { Draft } from './option-draft.ts';

type Handler =
  | { takesValue: false; apply(draft: Draft): void }
  | { takesValue: true; apply(draft: Draft, value: string): void };

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

/** By option, without its dash. `apply` throws UsageError. */
export const OPTIONS: Record<string, Handler> = {
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
