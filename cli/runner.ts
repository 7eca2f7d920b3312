// One VM from start to end, on a host of its own in this process: the same host as the console's, on a subnet without other
// nodes. The runner asks of it what a console asks. Resolves with the exit status.

import { availableParallelism } from 'node:os';
import { systemTimebase } from '../engine/base/timebase.ts';
import type { HostEvent, VmStatus } from '../engine/host/api.ts';
import { HostService } from '../engine/host/host-service.ts';
import { serialCalls } from '../engine/host/serial-calls.ts';
import type { OpenPort } from '../engine/subnet/carrier/subnet.ts';
import { NO_TERMS } from '../engine/subnet/presence/memory-terms.ts';
import { BlockStore, type OpenSource } from '../engine/vmkernel/block/block-store.ts';
import { createYieldTask } from '../engine/vmkernel/shared/yield-task.ts';
import { machineSpec, memoryNeeds } from '../engine/vmkernel/spec/machine-spec.ts';
import { type GuestEvent, guestEventWords } from '../engine/vmkernel/vm/guest-event.ts';
import { openFile } from '../workers/block/file-backend.ts';
import { loadEngine } from '../workers/launch-vcpu.ts';
import type { Platform } from '../workers/platform.ts';
import { nodePlatform } from '../workers/platform-node.ts';
import { findBoot, imageReader } from './boot.ts';
import { checkImage } from './common/image-check.ts';
import { formatRegisters } from './common/registers-text.ts';
import { serveMonitors } from './monitor/endpoints.ts';
import type { Machine } from './monitor/machine.ts';
import { connectNics } from './net/connect-nics.ts';
import type { RunnerOptions } from './options.ts';
import { followOutputs } from './outputs.ts';
import { formatStatistics } from './report.ts';
import { openSinks } from './sinks.ts';
import { VmMachine } from './vm-machine.ts';
import { vmSpec } from './vm-spec.ts';

export const STATUS_NOT_STARTED = 1;
/** The guest will not go on, by its own doing. */
const STATUS_STOPPED = 3;
export const STATUS_CRASHED = 4;
const VM = 'vm';
const NAME = 'The machine';
/** Room on the host for what a VM needs beside its memory. */
const OVERHEAD_MIB = 16;
/** At most so much is given to the host at a time. */
const INPUT_BYTES = 65_536;

export interface Console {
  print(bytes: Uint8Array): void;
  /** Prints a user-facing line, apart from what the guest prints. */
  tell(line: string): void;
}

export interface Runner {
  /** The exit status, when the machine has ended. */
  readonly finished: Promise<number>;
  /** For the serial port that is the terminal; dropped if there is none. */
  input(bytes: Uint8Array): void;
  /** For a monitor on the terminal. */
  readonly machine: Machine;
  quit(): void;
}

/** Rejects with a user-facing message when the machine cannot start. */
export async function run(
  options: RunnerOptions,
  console: Console,
  platform: Platform = nodePlatform,
): Promise<Runner> {
  for (const file of options.untoldFormats) await checkImage(file, (text) => console.tell(`vm: warning: ${text}`));
  const boot = await findBoot(options);
  const spec = vmSpec(options, boot, VM, NAME);
  const { romKiB, deviceKiB } = memoryNeeds(machineSpec(spec));
  const memoryMiB = options.memoryMiB + OVERHEAD_MIB + Math.ceil((romKiB + deviceKiB) / 1024);
  const host = await HostService.start({
    spec: { id: 'runner', name: 'runner', memoryMiB, link: NO_LINK },
    tabId: 'runner',
    loadEngine: () => loadEngine(platform),
    cores: availableParallelism(),
    openPort: nobodyElse,
    terms: NO_TERMS,
    leaseStore: { load: async () => undefined, save: async () => {} },
    fetchImage: imageReader(boot),
    connectDrives: (onProblem) => new BlockStore({ openSource, yieldTask: createYieldTask() }).connect(onProblem),
    guestEnds: { onGuestReset: options.noReboot ? 'power-off' : 'restart', onTripleFault: 'reset' },
    onConsole() {},
    onShutdown() {},
  });
  /** What is to be closed at the end. */
  const closing: (() => void | Promise<void>)[] = [];
  const closeAll = () => Promise.all(closing.map((close) => close()));
  let finish = (_status: number) => {};
  const ended = new Promise<number>((resolve) => {
    finish = resolve;
  });
  let wasOn = false;
  let exitValue: number | undefined;

  const machine = new VmMachine({
    ...{ host, vmId: VM, name: options.name },
    drives: options.driveNames.map((name, index) => ({ name, index })),
    nics: options.nics.map(({ netdev = 'none', ...nic }) => ({ ...nic, netdev })),
    quit: () => finish(0),
  });

  function onEvent(event: HostEvent): void {
    machine.hear(event);
    if (event.type === 'serial') outputs.pull(event.channel);
    else if (event.type === 'serial-room') void typeOn();
    else if (event.type === 'problem') console.tell(`${event.title}. ${event.detail}`);
    else if (event.type === 'guest') onGuestEvent(event.event);
    else if (event.type === 'status') onStatus(event.status.vms);
  }

  function onGuestEvent(event: GuestEvent): void {
    const { kind, detail, value } = event;
    exitValue = value ?? exitValue;
    if (kind === 'powered-off' || kind === 'exited' || (kind === 'reset' && detail === '')) return;
    console.tell(sentence(`${NAME} ${guestEventWords(event)}`, detail));
    const ends = kind === 'halted' || (kind === 'panicked' && options.endOnPanic);
    if (ends && !options.noShutdown) finish(STATUS_STOPPED);
    if (kind === 'crashed') finish(STATUS_STOPPED);
  }

  function onStatus([vm]: VmStatus[]): void {
    if (vm === undefined) return;
    if (vm.power === 'crashed') finish(STATUS_CRASHED);
    else if (vm.power !== 'off') wasOn = true;
    else if (!wasOn) return;
    else if (exitValue !== undefined) finish((exitValue << 1) | 1);
    else if (!options.noShutdown) finish(0);
  }

  /** What the guest has not had room for yet. */
  let typed: Uint8Array<ArrayBuffer> = new Uint8Array();
  let typing = false;

  async function typeOn(): Promise<void> {
    if (typing || typed.length === 0) return;
    typing = true;
    try {
      for (let taken = 1; taken > 0 && typed.length > 0; ) {
        const { accepted } = await serial.serialInput(VM, typed.slice(0, INPUT_BYTES), { port: terminal });
        taken = accepted;
        typed = typed.slice(taken);
      }
    } catch {
      // The VM has just ended: there is no reader.
      typed = new Uint8Array();
    }
    typing = false;
  }

  const terminal = terminalPort(options);
  const port = { postMessage: ({ event }: { event: HostEvent }) => onEvent(event) };
  const serial = serialCalls(host, port);
  const outputs = followOutputs(
    [undefined, ...channelsOf(options)],
    (position, limit, channel) => serial.readSerial(VM, position, limit, channel),
    (channel, bytes) => {
      const sink = channel ?? options.com1;
      if (sink !== undefined) sinks[sink]?.(bytes);
    },
  );
  let sinks: Record<string, (bytes: Uint8Array) => void> = {};
  const startedAt = systemTimebase.now();
  try {
    const opened = openSinks(options.backends, (bytes) => console.print(bytes));
    sinks = opened.sinks;
    closing.push(opened.close);
    closing.push(await connectNics(options, host, console.tell));
    await host.createVm(spec);
    host.events.add(port);
    closing.push(await serveMonitors(options.monitors, machine));
    await outputs.drained();
    await host.powerOn(VM);
  } catch (error) {
    await host.shutdown(true);
    await closeAll();
    // That it is the machine which cannot start goes without saying.
    throw (error as Error).cause ?? error;
  }
  return {
    finished: ended.then(async (status) => {
      const { crash, power } = await vmStatus(host);
      if (crash) console.tell(formatRegisters(crash.registers));
      if (power !== 'off') await host.powerOff(VM);
      await outputs.drained();
      const { lastRun } = await vmStatus(host);
      await host.shutdown(true);
      await closeAll();
      if (options.stats && lastRun) console.tell(formatStatistics(lastRun, systemTimebase.now() - startedAt));
      return status & 0xff;
    }),
    input: (bytes) => {
      if (terminal < 0) return;
      typed = new Uint8Array(Buffer.concat([typed, bytes]));
      void typeOn();
    },
    machine,
    quit: () => finish(0),
  };
}

const NO_LINK = { bandwidthMbits: 0, latencyMs: 0, loss: 0, jitterMs: 0 };

const openSource: OpenSource = async (source, readOnly) => {
  if (source.kind === 'url') throw new Error(`The disk image ${source.url} is an URL: download it first.`);
  return openFile(source.path, readOnly);
};

/** A subnet without other nodes. */
const nobodyElse: OpenPort = () => ({ post() {}, onMessage() {}, close() {} });

async function vmStatus(host: HostService): Promise<VmStatus> {
  return (await host.status()).vms[0];
}

function channelsOf({ devices }: RunnerOptions): string[] {
  const named = devices.flatMap(({ properties }) => (properties?.chardev === undefined ? [] : [properties.chardev]));
  return [...new Set(named.map(String))];
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
