// The program that v86-node.ts runs: v86 in Node with its serial port on standard input and output.
// Arguments: BIOS, VGA BIOS, kernel, initrd, command line of the kernel, memory in MiB.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { V86 } from 'v86';
import { v86Options } from '../../e2e/support/v86-options.ts';

const [bios, vgaBios, kernel, initrd, commandLine, memoryMiB] = process.argv.slice(2);
const wasm = fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86')));

function read(path: string): { buffer: ArrayBuffer } {
  // A copy: v86 needs a buffer that holds the file alone, not Node's pool.
  return { buffer: new Uint8Array(readFileSync(path)).buffer };
}

const images = { bios: read(bios), vgaBios: read(vgaBios), kernel: read(kernel), initrd: read(initrd) };
const machine = new V86(v86Options({ wasm, images, commandLine, memoryMiB: Number(memoryMiB) }));

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
