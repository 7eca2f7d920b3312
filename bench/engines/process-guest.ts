// A guest that is a program with the serial port on its standard input and output.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { measureProcessTree } from '../measure/process-tree.ts';
import { SerialLog } from '../measure/serial-log.ts';
import type { RunningGuests } from './engine.ts';

const PATIENCE_MS = 10_000;

export interface GuestProgram {
  command: string;
  args: string[];
  /** What ends it when it is typed; without it, a signal does. */
  quit?: string;
}

/** Time 0 is the start of the program. */
export function startProgram({ command, args, quit }: GuestProgram): RunningGuests {
  const serial = new SerialLog(() => performance.now());
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const decoder = new StringDecoder('latin1');
  let errors = '';
  child.stdout.on('data', (bytes: Buffer) => serial.push(decoder.write(bytes)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  // A guest that has ended reads no more; that it has ended shows elsewhere.
  child.stdin.on('error', () => {});
  child.on('error', (error) => serial.end(error.message));
  child.on('close', (status, signal) => serial.end(`${command} ended (${signal ?? status})\n${errors}`));
  return {
    waitFor: (pattern, timeoutMs) => serial.waitFor(pattern, timeoutMs),
    send: async (text) => void child.stdin.write(text),
    pid: child.pid ?? 0,
    usage: () => measureProcessTree(child.pid!),
    async stop() {
      await end(child, quit);
      return errors;
    },
  };
}

async function end(child: ChildProcess, quit: string | undefined): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  if (quit === undefined) child.kill('SIGTERM');
  else child.stdin?.write(quit);
  await closed;
  clearTimeout(force);
}
