// Reads what a VM prints on each of its outputs, whenever its host says that there is more. The host keeps the last 256 KiB of
// an output. Nothing of that is missed here: in the host's own process an output is read to its end before the vCPU's next
// message, which brings what was printed in one turn.

import type { SerialChunk } from '../engine/host/api.ts';

/** @param channel undefined: COM1 */
type Read = (position: number | undefined, limit: number, channel: string | undefined) => Promise<SerialChunk>;

interface Reader {
  next: number | undefined;
  reading: Promise<void>;
}

export interface Outputs {
  /** There is, or may be, more of this output. */
  pull(channel?: string): void;
  /** Resolves when everything is printed that the VM has printed by now. */
  drained(): Promise<void>;
}

const CHUNK_BYTES = 65_536;

export function followOutputs(
  channels: readonly (string | undefined)[],
  read: Read,
  print: (channel: string | undefined, bytes: Uint8Array) => void,
): Outputs {
  const readers = new Map<string | undefined, Reader>(
    channels.map((channel) => [channel, { next: undefined, reading: Promise.resolve() }]),
  );

  async function readOn(reader: Reader, channel: string | undefined): Promise<void> {
    for (;;) {
      const { position, bytes, end } = await read(reader.next, CHUNK_BYTES, channel);
      reader.next = position + bytes.length;
      if (bytes.length > 0) print(channel, bytes);
      if (reader.next === end) return;
    }
  }

  function pull(channel?: string): void {
    const reader = readers.get(channel);
    if (reader) reader.reading = reader.reading.then(() => readOn(reader, channel));
  }

  return {
    pull,
    async drained() {
      for (const channel of readers.keys()) pull(channel);
      await Promise.all([...readers.values()].map(({ reading }) => reading));
    },
  };
}
