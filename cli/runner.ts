// One VM from start to end: the runner is the host, its vCPU runs in a worker thread. Resolves with the exit status.

import { readFile } from 'node:fs/promises';
import { MachineMemory } from '../engine/vmkernel/machine-memory.ts';
import { prepareBoot } from '../engine/vmkernel/prepare-boot.ts';
import type { ImageSource } from '../engine/vmkernel/spec.ts';
import { Vm, type VmEvent } from '../engine/vmkernel/vm.ts';
import { createLauncher } from '../workers/launch-vcpu.ts';
import { nodePlatform } from '../workers/platform-node.ts';
import type { RunnerOptions } from './options.ts';
import { formatRegisters, formatStatistics } from './report.ts';

export const STATUS_NOT_STARTED = 1;
export const STATUS_CRASHED = 4;
/** Room on the host for what a VM needs beside its RAM. */
const OVERHEAD_MIB = 16;

export interface Console {
  print(bytes: Uint8Array): void;
  /** A line for the person, apart from what the guest prints. */
  tell(line: string): void;
}

export interface Runner {
  /** The exit status, when the machine has ended. */
  readonly finished: Promise<number>;
  input(bytes: Uint8Array): void;
  quit(): void;
}

/** Rejects with a message for a person when the machine cannot start. */
export async function run(options: RunnerOptions, console: Console): Promise<Runner> {
  const [kernel, initrd] = await Promise.all([
    readImage('kernel', options.kernel),
    options.initrd === undefined ? undefined : readImage('initrd', options.initrd),
  ]);
  const host = new MachineMemory(options.memoryMiB + OVERHEAD_MIB);
  const launch = createLauncher(nodePlatform, await nodePlatform.loadModules());
  const now = () => performance.now();
  let finish = (_status: number) => {};
  const ended = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const vm = new Vm(
    {
      id: 'vm',
      name: 'The machine',
      guestOs: '',
      memoryMiB: options.memoryMiB,
      kernel,
      initrd,
      commandLine: options.commandLine,
    },
    {
      host,
      launch,
      prepareBoot: (spec) => prepareBoot(spec, bytesOf),
      now,
      devices: options.devices,
      onGuestReset: options.noReboot ? 'power-off' : 'restart',
      onEvent: (event) => onEvent(event),
    },
  );

  function onEvent(event: VmEvent): void {
    if (event.type === 'serial' || event.type === 'debugcon') console.print(event.bytes);
    else if (event.type === 'problem') console.tell(`${event.title}. ${event.detail}`);
    else if (event.power === 'off') finish(event.exitValue === undefined ? 0 : (event.exitValue << 1) | 1);
    else if (event.power === 'crashed') finish(STATUS_CRASHED);
  }

  const startedAt = now();
  await vm.powerOn();
  return {
    finished: ended.then(async (status) => {
      if (vm.crash) console.tell(formatRegisters(vm.crash.registers));
      if (vm.power !== 'off') await vm.destroy();
      if (options.stats && vm.finalCounters) console.tell(formatStatistics(vm.finalCounters, now() - startedAt));
      return status & 0xff;
    }),
    input: (bytes) => {
      vm.serialInput(bytes).catch(() => {
        // It has just ended: nobody is there to read.
      });
    },
    quit: () => finish(0),
  };
}

async function readImage(what: string, file: string): Promise<ImageSource> {
  try {
    const bytes = new Uint8Array(await readFile(file));
    return { kind: 'bytes', name: file, bytes };
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new Error(`The ${what} ${file} cannot be read: ${reason}.`);
  }
}

async function bytesOf(source: ImageSource): Promise<Uint8Array> {
  if (source.kind === 'url') throw new Error(`The runner has no site to fetch ${source.url} from.`);
  return source.bytes;
}
