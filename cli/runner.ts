// One VM from start to end: the runner is the host, its vCPU runs in a worker thread. Resolves with the exit status.

import { MIB } from '../engine/base/sizes.ts';
import { systemTimebase } from '../engine/base/timebase.ts';
import { MachineMemory } from '../engine/vmkernel/memory/machine-memory.ts';
import { type GuestEvent, guestEventWords } from '../engine/vmkernel/vm/guest-event.ts';
import { Vm, type VmEvent } from '../engine/vmkernel/vm/vm.ts';
import { loadEngine } from '../workers/launch-vcpu.ts';
import type { Platform } from '../workers/platform.ts';
import { nodePlatform } from '../workers/platform-node.ts';
import { loadBoot } from './boot.ts';
import type { RunnerOptions } from './options.ts';
import { formatRegisters, formatStatistics } from './report.ts';
import { openSinks } from './sinks.ts';
import { vmSpec } from './vm-spec.ts';

export const STATUS_NOT_STARTED = 1;
/** The guest will not go on, by its own doing. */
const STATUS_STOPPED = 3;
export const STATUS_CRASHED = 4;
const NAME = 'The machine';
/** Room on the host for what a VM needs beside its RAM and ROM. */
const OVERHEAD_MIB = 16;
const SAMPLE_MS = 500;

export interface Console {
  print(bytes: Uint8Array): void;
  /** A line for the person, apart from what the guest prints. */
  tell(line: string): void;
}

export interface Runner {
  /** The exit status, when the machine has ended. */
  readonly finished: Promise<number>;
  /** For the serial port that is the terminal; dropped if there is none. */
  input(bytes: Uint8Array): void;
  quit(): void;
}

/** Rejects with a message for a person when the machine cannot start. */
export async function run(
  options: RunnerOptions,
  console: Console,
  platform: Platform = nodePlatform,
): Promise<Runner> {
  // Read before the machine is built, which needs to know how big the ROM is; read again at a reset.
  const boot = await loadBoot(options);
  const romMiB = Math.ceil((boot.image.rom?.length ?? 0) / MIB);
  const host = new MachineMemory(options.memoryMiB + OVERHEAD_MIB + romMiB);
  const launch = await loadEngine(platform);
  const { sinks, close } = openSinks(options.backends, (bytes) => console.print(bytes));
  const timebase = systemTimebase;
  let finish = (_status: number) => {};
  const ended = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const vm = new Vm(vmSpec(options, boot, NAME), {
    host,
    launch,
    prepareBoot: async () => (await loadBoot(options)).image,
    timebase,
    onGuestReset: options.noReboot ? 'power-off' : 'restart',
    onTripleFault: 'reset',
    onEvent: (event) => onEvent(event),
  });

  function onEvent(event: VmEvent): void {
    if (event.type === 'serial') print(options.com1, event.bytes);
    else if (event.type === 'output') print(event.channel, event.bytes);
    else if (event.type === 'serial-room') void typeOn();
    else if (event.type === 'problem') console.tell(`${event.title}. ${event.detail}`);
    else if (event.type === 'guest') onGuestEvent(event.event);
    else if (event.power === 'crashed') finish(STATUS_CRASHED);
    else if (event.power !== 'off') return;
    else if (event.exitValue !== undefined) finish((event.exitValue << 1) | 1);
    else if (!options.noShutdown) finish(0);
  }

  function onGuestEvent(event: GuestEvent): void {
    const { kind, detail } = event;
    if (kind === 'powered-off' || kind === 'exited' || (kind === 'reset' && detail === '')) return;
    console.tell(sentence(`${NAME} ${guestEventWords(event)}`, detail));
    const ends = kind === 'halted' || (kind === 'panicked' && options.endOnPanic);
    if (ends && !options.noShutdown) finish(STATUS_STOPPED);
    if (kind === 'crashed') finish(STATUS_STOPPED);
  }

  /** What the guest has not had room for yet. */
  let typed: Uint8Array = new Uint8Array();
  let typing = false;

  async function typeOn(): Promise<void> {
    if (typing || typed.length === 0) return;
    typing = true;
    try {
      for (let taken = 1; taken > 0 && typed.length > 0; ) {
        taken = await vm.serialInput(typed, terminal);
        typed = typed.slice(taken);
      }
    } catch {
      // It has just ended: nobody is there to read.
      typed = new Uint8Array();
    }
    typing = false;
  }

  function print(channel: string | undefined, bytes: Uint8Array): void {
    if (channel !== undefined) sinks[channel]?.(bytes);
  }

  const terminal = terminalPort(options);
  const startedAt = timebase.now();
  // What the host worker does for its VMs: it notices a vCPU that hangs.
  const watch = setInterval(() => vm.sample(), SAMPLE_MS);
  try {
    await vm.powerOn();
  } catch (error) {
    clearInterval(watch);
    close();
    throw error;
  }
  return {
    finished: ended.then(async (status) => {
      clearInterval(watch);
      if (vm.crash) console.tell(formatRegisters(vm.crash.registers));
      if (vm.power !== 'off') await vm.destroy();
      close();
      if (options.stats && vm.finalCounters)
        console.tell(formatStatistics(vm.finalCounters, timebase.now() - startedAt));
      return status & 0xff;
    }),
    input: (bytes) => {
      if (terminal < 0) return;
      typed = Buffer.concat([typed, bytes]);
      void typeOn();
    },
    quit: () => finish(0),
  };
}

/** The serial port that is the terminal; -1: none. */
function terminalPort({ com1, devices, backends }: RunnerOptions): number {
  const ports: (string | undefined)[] = [com1];
  for (const { model, properties } of devices) {
    if (model === 'isa-serial') ports[Number(properties?.index)] = String(properties?.chardev);
  }
  return ports.findIndex((channel) => channel !== undefined && backends[channel]?.kind === 'stdio');
}

function sentence(title: string, detail: string): string {
  return detail === '' ? `${title}.` : `${title}: ${detail.replace(/\.$/, '')}.`;
}
