// The open ends of the guest's output channels. Files are written at once, so that they are complete whenever the machine
// ends, however it ends.

import { closeSync, openSync, writeSync } from 'node:fs';
import type { Backend } from './backends.ts';

export type Sink = (bytes: Uint8Array) => void;

/** Opens what the channels need, a file once for all that name it. Throws with a user-facing message. */
export function openSinks(
  backends: Record<string, Backend>,
  stdout: Sink,
): { sinks: Record<string, Sink>; close(): void } {
  const files = new Map<string, number>();
  const sinks: Record<string, Sink> = {};
  for (const [channel, backend] of Object.entries(backends)) {
    if (backend.kind === 'stdio') sinks[channel] = stdout;
    else if (backend.kind === 'null') sinks[channel] = () => {};
    else {
      const file = files.get(backend.path) ?? open(backend.path, backend.append ? 'a' : 'w');
      files.set(backend.path, file);
      sinks[channel] = (bytes) => {
        writeSync(file, bytes);
      };
    }
  }
  return {
    sinks,
    close: () => {
      for (const file of files.values()) closeSync(file);
      files.clear();
    },
  };
}

function open(path: string, flags: string): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw new Error(`The output file ${path} cannot be opened: ${(error as Error).message}.`);
  }
}
