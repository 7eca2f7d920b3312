// v86 in Node with a ROM of its own and its serial port on standard output. Argument: the ROM.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { V86 } from 'v86';

const [rom] = process.argv.slice(2);
const machine = new V86({
  wasm_path: fileURLToPath(new URL('v86.wasm', import.meta.resolve('v86'))),
  memory_size: 16 << 20,
  vga_memory_size: 2 << 20,
  bios: { buffer: new Uint8Array(readFileSync(rom!)).buffer },
  autostart: true,
  disable_keyboard: true,
  disable_mouse: true,
  disable_speaker: true,
});
machine.add_listener('serial0-output-byte', (byte) => process.stdout.write(Uint8Array.of(byte)));
process.on('SIGTERM', () => process.exit(0));
