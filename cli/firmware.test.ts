// SeaBIOS on the real engine, started by the runner: what it finds of the machine, and programs in an option ROM that it runs.

import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import { createExecutor } from '../engine/cpu/executor/executor.ts';
import { cdImage } from '../engine/pc/images/testing/images.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { nodePlatform } from '../workers/platform-node.ts';
import { inProcessPlatform } from '../workers/testing/in-process-platform.ts';
import { parseCommandLine } from './options.ts';
import { run } from './runner.ts';

const SEABIOS = new URL('../public/guests/firmware/bios-256k.bin', import.meta.url);
const LIMIT_MS = 120_000;
const DEBUG_PORT = 0x402;
const OPTIONS =
  '-m 16 -serial null -chardev stdio,id=d -device isa-debugcon,iobase=0x402,chardev=d -device isa-debug-exit,iobase=0xf4,iosize=4';

let folder: string;
beforeAll(async () => {
  await ensureEngine();
  folder = await mkdtemp(join(tmpdir(), 'firmware-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function start(line: string) {
  const parsed = parseCommandLine(`${OPTIONS} ${line}`.split(' ').filter((word) => word !== ''));
  if (parsed.kind !== 'run') throw new Error('no options to run with');
  let printed = '';
  const told: string[] = [];
  const runner = await run(
    parsed.options,
    {
      print: (bytes) => {
        printed += new TextDecoder('latin1').decode(bytes);
      },
      tell: (text) => told.push(text),
    },
    inProcessPlatform(createExecutor, nodePlatform.loadModules),
  );
  return { runner, told, printed: () => printed };
}

// Real-mode code
const low = (n: number) => [n & 0xff, n >> 8];
/** mov dx, port; mov al, value; out dx, al */
const out8 = (port: number, value: number) => [0xba, ...low(port), 0xb0, value, 0xee];
const print = (text: string) => [...text].flatMap((char) => out8(DEBUG_PORT, char.charCodeAt(0)));
const cmosWrite = (register: number, value: number) => [...out8(0x70, register), ...out8(0x71, value)];
/** jmp to itself */
const HANG = [0xeb, 0xfe];
/** retf */
const RETURN = [0xcb];
/** lidt of six zero bytes in the code segment, at the ROM's end; int3 */
const tripleFault = (zeros: number) => [0x2e, 0x0f, 0x01, 0x1e, ...low(zeros), 0xcc];

const ROM_SIZE = 1024;
const ENTRY = 3;
const PCI_DATA = 0x1c;
const CODE = 0x40;
const ZEROS = ROM_SIZE - 16;

/** An option ROM of pci-testdev (PCI Firmware Specification 3.0, §5.1): a header that leads to the code, and a sum of zero. */
async function optionRom(code: (at: number) => number[]): Promise<string> {
  const rom = new Uint8Array(ROM_SIZE);
  rom.set([0x55, 0xaa, ROM_SIZE / 512, 0xe9, ...low(CODE - ENTRY - 3)]);
  rom.set(low(PCI_DATA), 0x18);
  rom.set(
    [...new TextEncoder().encode('PCIR'), ...low(0x1b36), ...low(0x0005), 0, 0, ...low(0x18), 0, 0, 0xff, 0],
    PCI_DATA,
  );
  rom.set([...low(ROM_SIZE / 512), 0, 0, 0, 0x80], PCI_DATA + 0x10);
  const bytes = code(CODE);
  expect(CODE + bytes.length).toBeLessThan(ZEROS);
  rom.set(bytes, CODE);
  rom[ROM_SIZE - 1] = -rom.reduce((a, b) => a + b, 0);
  const file = join(folder, `rom-${Math.random()}`);
  await writeFile(file, rom);
  return file;
}

describe.skipIf(!existsSync(SEABIOS))('SeaBIOS (fetched by "npm run guests")', () => {
  it(
    'finds the machine by fw_cfg, and nothing to boot',
    async () => {
      const { runner, printed } = await start('');
      await eventually(() => expect(printed()).toContain('No bootable device.'));
      runner.quit();
      await runner.finished;
      for (const line of [
        'QEMU fw_cfg DMA interface supported',
        'qemu/e820: addr 0x0000000000000000 len 0x0000000001000000 [RAM]',
        'Moving pm_base to 0x600',
        'Copying SMBIOS from',
        'Machine UUID',
        'ACPI: parse DSDT',
      ])
        expect(printed()).toContain(line);
      for (const line of ['parse error', 'not found', 'WARNING', 'Press ESC', 'Retrying'])
        expect(printed()).not.toContain(line);
    },
    LIMIT_MS,
  );

  it(
    'offers its menu, and tries again, where that is asked for',
    async () => {
      const { runner, printed } = await start('-boot menu=on,splash-time=1,reboot-timeout=1 -no-reboot');
      expect(await runner.finished).toBe(0);
      expect(printed()).toMatch(/Press ESC for boot menu[\s\S]*No bootable device\. {2}Retrying in 0 seconds/);
    },
    LIMIT_MS,
  );

  it(
    'runs the option ROM of a card',
    async () => {
      const romFile = await optionRom(() => [...print('in the ROM'), ...out8(0xf4, 21), ...RETURN]);
      const { runner, printed } = await start(`-device pci-testdev,romfile=${romFile}`);
      expect(await runner.finished).toBe(43);
      expect(printed()).toMatch(/Running option rom at c[0-9a-f]{3}:0003\s+in the ROM/);
    },
    LIMIT_MS,
  );

  it(
    'starts again at every kind of reset, and goes on in real mode where CMOS says so',
    async () => {
      const COUNTER = 0x50;
      const resets: [string, number[]][] = [
        ['keyboard controller', out8(0x64, 0xfe)],
        // What the FADT gives as the reset register, too.
        ['reset control register', out8(0xcf9, 0x06)],
        ['port 92h', out8(0x92, 0x01)],
        ['triple fault', tripleFault(ZEROS)],
      ];
      const romFile = await optionRom((at) => {
        // bl: how often it has been here, kept in CMOS
        const count = [...out8(0x70, COUNTER), 0xe4, 0x71, 0x88, 0xc3, 0xfe, 0xc0, 0xe6, 0x71];
        const steps = resets.flatMap(([, reset], n) => {
          const step = [...print(`<${n}>`), ...reset, ...HANG];
          // cmp bl, n; jne over it
          return [0x80, 0xfb, n, 0x75, step.length, ...step];
        });
        // mov ax, 40h; mov es, ax; mov word es:[67h], resumed; mov es:[69h], cs
        const prepare = (resumed: number) => [
          ...[0xb8, 0x40, 0x00, 0x8e, 0xc0, 0x26, 0xc7, 0x06, 0x67, 0x00, ...low(resumed)],
          ...[0x26, 0x8c, 0x0e, 0x69, 0x00, ...cmosWrite(0x0f, 0x0a), ...out8(0x64, 0xfe), ...HANG],
        ];
        const before = [...count, ...steps];
        const resumed = at + before.length + prepare(0).length;
        return [...before, ...prepare(resumed), ...print('resumed'), ...out8(0xf4, 7), ...HANG];
      });
      const { runner, printed, told } = await start(`-device pci-testdev,romfile=${romFile}`);
      expect(await runner.finished).toBe(15);
      expect(printed().match(/<\d>|resumed|(?<!VGA)BUILD: gcc/g)).toEqual([
        ...resets.flatMap((_, n) => ['BUILD: gcc', `<${n}>`]),
        ...['BUILD: gcc', 'resumed'],
      ]);
      expect(told).toEqual(['The machine has reset itself: triple fault.']);
    },
    LIMIT_MS,
  );
});

describe.skipIf(!existsSync(SEABIOS))('a CD that SeaBIOS cannot boot', () => {
  it.each([
    ['its boot entry points behind the end', cdImage({ catalog: { at: 9999 } })],
    ['it was cut off before what its entry points to', cdImage({ catalog: { at: 31 } }).slice(0, 31 * 2048)],
    ['its boot catalog is cut off', cdImage().slice(0, 21 * 2048)],
  ])(
    '%s: the read is an error, and the machine goes on to the next',
    async (name, image) => {
      const [cd, disk] = ['cd.iso', 'disk.img'].map((file) => join(folder, `${name.length}-${file}`));
      await writeFile(cd, image);
      // Its boot sector prints and waits.
      const sector = new Uint8Array(512);
      sector.set([...print('disk boots'), ...HANG]);
      sector.set([0x55, 0xaa], 510);
      await writeFile(disk, sector);
      const { runner, printed, told } = await start(`-cdrom ${cd} -drive file=${disk},snapshot=on -boot order=dc`);
      await eventually(() => expect(printed()).toContain('disk boots'));
      expect(printed()).toMatch(/Boot failed: Could not read from CDROM/);
      expect(told).toEqual([]);
      runner.quit();
      await runner.finished;
    },
    LIMIT_MS,
  );
});
