// What the options given so far have said, before defaults are filled in and one is held against the other (options.ts).

import type { BootOptions } from '../engine/pc/bus/boot.ts';
import type { CpuSpec } from '../engine/vmkernel/spec/spec.ts';
import type { Backend, Target } from './backends.ts';
import type { DeviceOption } from './device-options.ts';
import type { DriveDeviceOption, DriveOption } from './drive-options.ts';
import type { MonitorOption } from './monitor/endpoints.ts';
import type { Netdev } from './net/netdev.ts';
import type { NicOption } from './net/nic-options.ts';

export interface Draft {
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

export function emptyDraft(): Draft {
  return {
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
}
