// The runner's command line: QEMU's option names, and only those that mean something here. An option that it does not know,
// or a value that it cannot honour, is an error that names it.

import type { DebugDevices } from '../engine/vmkernel/vcpu.ts';

export interface RunnerOptions {
  memoryMiB: number;
  kernel: string;
  initrd?: string;
  commandLine: string;
  noReboot: boolean;
  stats: boolean;
  devices: DebugDevices;
}

export type ParsedCommandLine = { kind: 'run'; options: RunnerOptions } | { kind: 'help' };

/** What was asked for cannot be done; the message names the option. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export const HELP = `Runs one virtual machine here, in Node, with its serial port on this terminal.

  npm run -s vm -- -kernel FILE [options]

  -m SIZE                  memory in MiB, or with the suffix M or G (default 128)
  -kernel FILE             Linux kernel (bzImage) to boot
  -initrd FILE             its initial RAM disk
  -append TEXT             its command line, for instance "console=ttyS0"
  -nographic               serial port on standard input and output (there is no other display)
  -no-reboot               exit instead of rebooting
  -nic none                no network card
  -accel tcg               emulate the processor in software
  -debugcon stdio          what the guest writes to port 0xe9 goes to standard output
  -device isa-debug-exit,iobase=0xf4,iosize=0x04
                           a write to the port ends the machine; the exit status is (value << 1) | 1
  -stats                   figures about the run on standard error, at the end
  -help                    this text

In the terminal: Ctrl-A X quits, Ctrl-A H lists the keys, Ctrl-A Ctrl-A sends Ctrl-A.
Exit status: 0 after power-off, 1 if the machine could not start, 2 for a wrong command line, 4 after a crash.
`;

const DEBUGCON_PORT = 0xe9;

interface Draft extends Partial<RunnerOptions> {
  devices: DebugDevices;
}

type Handler =
  | { takesValue: false; apply(draft: Draft): void }
  | { takesValue: true; apply(draft: Draft, value: string): void };

const flag = (apply: (draft: Draft) => void): Handler => ({ takesValue: false, apply });
const option = (apply: (draft: Draft, value: string) => void): Handler => ({ takesValue: true, apply });

/** An option whose only value is what the machine does anyway. */
const only = (name: string, accepted: string): Handler =>
  option((_draft, value) => {
    if (value !== accepted) throw new UsageError(`-${name} ${value}: only "-${name} ${accepted}" is possible here`);
  });

const HANDLERS: Record<string, Handler> = {
  m: option((draft, value) => {
    draft.memoryMiB = memorySize(value);
  }),
  kernel: option((draft, value) => {
    draft.kernel = value;
  }),
  initrd: option((draft, value) => {
    draft.initrd = value;
  }),
  append: option((draft, value) => {
    draft.commandLine = value;
  }),
  nographic: flag(() => {}),
  'no-reboot': flag((draft) => {
    draft.noReboot = true;
  }),
  nic: only('nic', 'none'),
  accel: only('accel', 'tcg'),
  debugcon: option((draft, value) => {
    if (value !== 'stdio') throw new UsageError(`-debugcon ${value}: only "-debugcon stdio" is possible here`);
    draft.devices.debugcon = { iobase: DEBUGCON_PORT };
  }),
  device: option((draft, value) => {
    draft.devices.debugExit = debugExit(value);
  }),
  stats: flag((draft) => {
    draft.stats = true;
  }),
};

/** Throws UsageError. */
export function parseCommandLine(args: readonly string[]): ParsedCommandLine {
  const draft: Draft = { devices: {} };
  for (let i = 0; i < args.length; i++) {
    const word = args[i];
    const name = word.replace(/^--?/, '');
    if (name === word) throw new UsageError(`${word}: not an option (disk images are not supported)`);
    if (name === 'help' || name === 'h') return { kind: 'help' };
    const handler = Object.hasOwn(HANDLERS, name) ? HANDLERS[name] : undefined;
    if (!handler) throw new UsageError(`${word}: unknown option`);
    if (!handler.takesValue) {
      handler.apply(draft);
      continue;
    }
    if (++i >= args.length) throw new UsageError(`${word}: needs a value`);
    handler.apply(draft, args[i]);
  }
  if (draft.kernel === undefined) throw new UsageError('-kernel FILE is missing: there is nothing to boot');
  return {
    kind: 'run',
    options: { memoryMiB: 128, commandLine: '', noReboot: false, stats: false, ...draft, kernel: draft.kernel },
  };
}

/** QEMU's -m: a number of MiB, or with a suffix; also "size=…". */
function memorySize(value: string): number {
  const match = /^(?:size=)?(\d+)([MG]?)$/i.exec(value);
  const size = match ? Number(match[1]) * (match[2].toUpperCase() === 'G' ? 1024 : 1) : 0;
  if (size < 4 || size > 3072) throw new UsageError(`-m ${value}: memory is 4 to 3072 MiB, for instance "-m 128"`);
  return size;
}

function debugExit(value: string): { iobase: number; iosize: number } {
  const [model, ...properties] = value.split(',');
  if (model !== 'isa-debug-exit') throw new UsageError(`-device ${model}: unknown device (there is isa-debug-exit)`);
  const device = { iobase: 0x501, iosize: 2 }; // QEMU's defaults
  for (const property of properties) {
    const [name, number] = property.split('=');
    const parsed = Number(number);
    if (name !== 'iobase' && name !== 'iosize') throw new UsageError(`-device ${model}: unknown property "${name}"`);
    if (!number || !Number.isInteger(parsed) || parsed < 1 || parsed > 0xffff) {
      throw new UsageError(`-device ${model}: ${name} must be a port number, not "${number ?? ''}"`);
    }
    device[name] = parsed;
  }
  return device;
}
