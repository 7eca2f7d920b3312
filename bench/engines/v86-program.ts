// The program that v86-node.ts runs: v86 in Node with its serial port on standard input and output.
// Arguments: BIOS, VGA BIOS, the guest (GuestImage) as JSON.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { V86 } from 'v86';
import { v86Options } from '../../e2e/support/v86-options.ts';
import type { GuestImage } from '../images/guest-image.ts';

const [bios, vgaBios, guest] = process.argv.slice(2);
const { linux, drives = [], memoryMiB }: GuestImage = JSON.parse(guest);
const wasm = fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86')));

function read(path: string): { buffer: ArrayBuffer } {
  // A copy: v86 needs a buffer that holds the file alone, not Node's pool.
  return { buffer: new Uint8Array(readFileSync(path)).buffer };
}

const machine = new V86(
  v86Options({
    wasm,
    firmware: { bios: read(bios), vgaBios: read(vgaBios) },
    ...(linux && {
      linux: { kernel: read(linux.kernel.path), initrd: read(linux.initrd.path), commandLine: linux.commandLine },
    }),
    drives: drives.map(({ model, image }) => ({ model, image: read(image.path) })),
    memoryMiB,
  }),
);

let printed: number[] = [];
machine.add_listener('serial0-output-byte', (byte) => {
  if (printed.push(byte) > 1) return;
  setImmediate(() => {
    process.stdout.write(Uint8Array.from(printed));
    printed = [];
  });
});
process.stdin.on('data', (bytes: Buffer) => machine.serial_send_bytes(0, bytes));
process.on('SIGTERM', () => process.exit(0));
