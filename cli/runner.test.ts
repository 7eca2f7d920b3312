// The runner with the real engine; the "kernels" are a few instructions. A worker thread takes two seconds to start: where a
// test is about what a guest does, the vCPU runs in this thread.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../engine/base/testing/eventually.ts';
import { createExecutor } from '../engine/cpu/executor/executor.ts';
import { elfFile, multibootHeader } from '../engine/pc/firmware/multiboot.fixture.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import type { Platform } from '../workers/platform.ts';
import { nodePlatform } from '../workers/platform-node.ts';
import { inProcessPlatform } from '../workers/testing/in-process-platform.ts';
import { scriptedPlatform } from '../workers/testing/scripted-platform.ts';
import { tinyKernel } from '../workers/testing/tiny-kernel.ts';
import type { RunnerOptions } from './options.ts';
import { run, STATUS_CRASHED } from './runner.ts';

/** mov dx, port; mov al, value; out dx, al */
const out8 = (port: number, value: number) => [0x66, 0xba, port & 0xff, port >> 8, 0xb0, value, 0xee];
/** mov dx, port; out dx, al */
const to8 = (port: number) => [0x66, 0xba, port & 0xff, port >> 8, 0xee];
/** mov dx, port; mov ax, value; out dx, ax */
const out16 = (port: number, value: number) => {
  const low = (n: number) => [n & 0xff, n >> 8];
  return [0x66, 0xba, ...low(port), 0x66, 0xb8, ...low(value), 0x66, 0xef];
};
const print = (text: string) => [...text].flatMap((char) => out8(0x3f8, char.charCodeAt(0)));
const HANG = [0xeb, 0xfe];
const DEBUG_EXIT = { model: 'isa-debug-exit', properties: { iobase: 0xf4, iosize: 4 } };
/** lidt [zero]; ud2: the exception, the double fault and its handler all fail. The three zero words follow the code. */
const TRIPLE_FAULT = [0x0f, 0x01, 0x1d, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x0b];

const inProcess = inProcessPlatform(createExecutor, nodePlatform.loadModules);

let folder: string;
beforeAll(async () => {
  await ensureEngine();
  folder = await mkdtemp(join(tmpdir(), 'runner-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function runCode(code: number[], options: Partial<RunnerOptions> = {}, platform: Platform = inProcess) {
  const kernel = join(folder, `kernel-${Math.random()}`);
  await writeFile(kernel, tinyKernel(code));
  const printed: number[] = [];
  const told: string[] = [];
  const runner = await run(
    {
      ...{
        memoryMiB: 8,
        kernel,
        biosFolders: [],
        romFiles: [],
        commandLine: '',
        noReboot: false,
        noShutdown: false,
        endOnPanic: false,
        stats: false,
        warnings: [],
      },
      ...{
        backends: { serial0: { kind: 'stdio' } },
        com1: 'serial0',
        devices: [],
        drives: [],
        driveNames: [],
        untoldFormats: [],
      },
      ...{ nics: [], netdevs: [], monitors: [], sharedMonitor: false },
      ...options,
    },
    { print: (bytes) => printed.push(...bytes), tell: (line) => told.push(line) },
    platform,
  );
  return { runner, printed: () => String.fromCharCode(...printed), told };
}

/** From the reset vector of a ROM; ends by isa-debug-exit. */
async function runBios(rom: Uint8Array) {
  const bios = `bios-${Math.random()}`;
  await writeFile(join(folder, bios), rom);
  const biosFolders = [join(folder, 'nothing'), folder];
  return runCode([], { kernel: undefined, bios, biosFolders, devices: [DEBUG_EXIT] });
}

describe('the runner', () => {
  it('prints what the guest sends, and ends with what it wrote to isa-debug-exit', async () => {
    const { runner, printed } = await runCode(
      [...print('hello'), ...out8(0xf4, 3), ...HANG],
      { devices: [DEBUG_EXIT] },
      nodePlatform,
    );
    expect(await runner.finished).toBe(7);
    expect(printed()).toBe('hello');
  });

  it('ends with 0 when the guest powers off, and gives the figures', async () => {
    const { runner, told } = await runCode([...out16(0x604, 0x2000), ...HANG], { stats: true });
    expect(await runner.finished).toBe(0);
    expect(told.join('')).toMatch(/^instructions {2}\d/);
  });

  it('ends at a reset where -no-reboot says so', async () => {
    const { runner } = await runCode([...out8(0x64, 0xfe), ...HANG], { noReboot: true });
    expect(await runner.finished).toBe(0);
  });

  it('resets at a triple fault, or ends there', async () => {
    const once = await runCode(TRIPLE_FAULT, { noReboot: true });
    expect(await once.runner.finished).toBe(0);
    expect(once.told.join('')).toContain('The machine has reset itself: triple fault.');
    const { runner, printed } = await runCode([0xb0, 0x2e, ...to8(0x3f8), ...TRIPLE_FAULT]);
    await eventually(() => expect(printed()).toMatch(/^\.\./));
    runner.quit();
    expect(await runner.finished).toBe(0);
  });

  it('says that the guest has halted for good, and ends', async () => {
    const { runner, printed, told } = await runCode([...print('bye'), 0xfa, 0xf4]);
    expect(await runner.finished).toBe(3);
    expect(printed()).toBe('bye');
    expect(told).toEqual(['The machine has stopped: it halted with interrupts off.']);
    const stays = await runCode([...print('bye'), 0xfa, 0xf4], { noShutdown: true });
    await eventually(() => expect(stays.told).toHaveLength(1));
    stays.runner.quit();
    expect(await stays.runner.finished).toBe(0);
  });

  it('ends a reset loop without output', async () => {
    const { runner, told } = await runCode(TRIPLE_FAULT);
    expect(await runner.finished).toBe(3);
    expect(told.join('\n')).toMatch(/The machine has stopped: it reset itself 3 times within \d+ s without printing/);
  });

  it('tells of a panic that the guest reports, and ends where -device pvpanic asks for it', async () => {
    const panics = [...print('Kernel panic - not syncing: x\n'), ...out8(0x505, 1), ...HANG];
    const { runner, told } = await runCode(panics, { endOnPanic: true });
    expect(await runner.finished).toBe(3);
    expect(told).toEqual(['The machine has panicked: Kernel panic - not syncing: x.']);
    const { runner: goes, told: heard } = await runCode(panics);
    await eventually(() => expect(heard).toHaveLength(1));
    goes.quit();
    expect(await goes.finished).toBe(0);
  });

  it('gives debugcon’s bytes, and quits when told to', async () => {
    const debugcon: Partial<RunnerOptions> = {
      backends: { c: { kind: 'stdio' } },
      devices: [{ model: 'isa-debugcon', properties: { chardev: 'c' } }],
    };
    const { runner, printed } = await runCode([...out8(0xe9, 0x21), ...HANG], debugcon, nodePlatform);
    await eventually(() => expect(printed()).toBe('!'));
    runner.quit();
    expect(await runner.finished).toBe(0);
  });

  it('loses nothing of what a guest prints as fast as it can, on whichever output', async () => {
    const bytes = 1 << 20;
    // mov esi, 100000h; mov ecx, bytes; mov dx, port; rep outsb
    const all = (port: number) => [
      ...[0xbe, 0, 0, 0x10, 0, 0xb9, ...[0, 8, 16, 24].map((shift) => (bytes >> shift) & 0xff)],
      ...[0x66, 0xba, port & 0xff, port >> 8, 0xf3, 0x6e],
    ];
    const [serial, codes] = ['much-serial', 'much-codes'].map((name) => join(folder, name));
    const file = (path: string) => ({ kind: 'file', path, append: false }) as const;
    const { runner } = await runCode(
      [...all(0x3f8), ...all(0xe9), ...out8(0xf4, 1), ...HANG],
      {
        backends: { s: file(serial), c: file(codes) },
        com1: 's',
        devices: [DEBUG_EXIT, { model: 'isa-debugcon', properties: { chardev: 'c' } }],
      },
      nodePlatform,
    );
    expect(await runner.finished).toBe(3);
    expect((await readFile(serial)).length).toBe(bytes);
    expect((await readFile(codes)).equals(await readFile(serial))).toBe(true);
  });

  it('types into the serial port that is the terminal, as fast as the guest reads', async () => {
    // next: mov dx, 2FDh; in al, dx; test al, 1; jz next; mov dx, 2F8h; in al, dx; out dx, al; jmp next
    const echo = [
      // The guest is ready to receive: DTR and RTS.
      ...out8(0x2fc, 3),
      ...[0x66, 0xba, 0xfd, 0x02, 0xec, 0xa8, 0x01, 0x74, 0xf7],
      ...[0x66, 0xba, 0xf8, 0x02, 0xec, 0xee, 0xeb, 0xef],
    ];
    const { runner, printed } = await runCode(echo, {
      backends: { t: { kind: 'stdio' } },
      com1: undefined,
      devices: [{ model: 'isa-serial', properties: { index: 1, chardev: 't' } }],
    });
    const text = 'a line that does not fit into any queue at once. '.repeat(100);
    runner.input(new TextEncoder().encode(text.slice(0, 1000)));
    runner.input(new TextEncoder().encode(text.slice(1000)));
    await eventually(() => expect(printed()).toBe(text));
    runner.quit();
    expect(await runner.finished).toBe(0);
  });

  it('says in one line what is wrong with an image', async () => {
    await expect(runCode([], { kernel: join(folder, 'nothing') })).rejects.toThrow(
      /cannot be read: there is no such file\.$/,
    );
    await writeFile(join(folder, 'text'), 'x'.repeat(1000));
    await expect(runCode([], { kernel: join(folder, 'text') })).rejects.toThrow(/^The kernel is not a bzImage/);
    await expect(runCode([], { initrd: join(folder, 'text') })).rejects.toThrow(/^The initrd is not a cpio archive/);
  });

  it('boots a multiboot kernel with its modules, and prints into files', async () => {
    const [module, serial, codes] = ['module', 'serial.txt', 'codes.txt'].map((name) => join(folder, name));
    await writeFile(module, 'Z');
    // mov eax, [ebx + mods_addr]; mov eax, [eax]; mov al, [eax]; then to COM1, port 190h, and the exit.
    const code = [0x8b, 0x43, 24, 0x8b, 0x00, 0x8a, 0x00, ...to8(0x3f8), ...to8(0x190), ...out8(0xf4, 1), ...HANG];
    const kernel = join(folder, 'kernel.elf');
    const bytes = Uint8Array.of(...multibootHeader(0), ...code);
    await writeFile(kernel, elfFile(0x10000c, [{ virtual: 0x100000, physical: 0x100000, bytes }]));
    const { runner } = await runCode([], {
      kernel,
      initrd: `${module} with arguments`,
      backends: { s: { kind: 'file', path: serial, append: false }, c: { kind: 'file', path: codes, append: false } },
      com1: 's',
      devices: [DEBUG_EXIT, { model: 'isa-debugcon', properties: { iobase: 0x190, chardev: 'c' } }],
    });
    expect(await runner.finished).toBe(3);
    expect([await readFile(serial, 'utf8'), await readFile(codes, 'utf8')]).toEqual(['Z', 'Z']);
  });

  it('leaves a bare kernel a screen of blanks with the font of the VGA BIOS', async () => {
    const rom = new Uint8Array(8192);
    for (const [block, line] of [
      [0xdb, 0xff],
      [0xdd, 0xf0],
      [0xde, 0x0f],
      [0x41, 0x5a],
    ])
      rom.fill(line, 100 + block * 16, 100 + block * 16 + 16);
    await writeFile(join(folder, 'vga.bin'), rom);
    const indexed = (port: number, index: number, value: number) => [...out8(port, index), ...out8(port + 1, value)];
    // mov al, [address]; to COM1
    const byte = (address: number) => [0xa0, address & 0xff, (address >> 8) & 0xff, address >> 16, 0, ...to8(0x3f8)];
    const code = [
      ...[...byte(0xb8f9e), ...byte(0xb8f9f)],
      // Plane 2 is read, at A0000h and byte by byte.
      ...[...indexed(0x3c4, 4, 6), ...indexed(0x3ce, 4, 2), ...indexed(0x3ce, 5, 0), ...indexed(0x3ce, 6, 4)],
      ...[...byte(0xa0000 + 0x41 * 32 + 15), ...byte(0xa0000 + 0x41 * 32 + 16), ...out8(0xf4, 1), ...HANG],
    ];
    const kernel = join(folder, 'screen.elf');
    const bytes = Uint8Array.of(...multibootHeader(0), ...code);
    await writeFile(kernel, elfFile(0x10000c, [{ virtual: 0x100000, physical: 0x100000, bytes }]));
    const romFiles = [{ model: 'VGA', file: join(folder, 'vga.bin') }];
    const { runner, printed } = await runCode([], { kernel, vga: 'std', romFiles, devices: [DEBUG_EXIT] });
    expect(await runner.finished).toBe(3);
    expect([...printed()].map((c) => c.charCodeAt(0))).toEqual([0x20, 0x07, 0x5a, 0x00]);
  });

  it('leaves a bare kernel what a BIOS would: its data area, and ACPI tables to be found', async () => {
    const send = to8(0x3f8);
    // movzx eax, word [address]; its bytes to COM1
    const word = (address: number) => [
      0x0f,
      0xb7,
      0x05,
      address & 0xff,
      address >> 8,
      0,
      0,
      ...send,
      0x88,
      0xe0,
      ...send,
    ];
    const code = [
      ...[...word(0x40e), ...word(0x413)],
      ...[0xbe, 0x00, 0x00, 0x0e, 0x00], //                         mov esi, E0000h
      ...[0x81, 0x3e, ...[...'RSD '].map((c) => c.charCodeAt(0))], // next: cmp dword [esi], "RSD "
      ...[0x74, 0x05, 0x83, 0xc6, 0x10, 0xeb, 0xf3], //              je found; add esi, 16; jmp next
      ...[0x8b, 0x76, 0x10, 0x8b, 0x46, 0x28], //                    found: mov esi, [esi + 16]; mov eax, [esi + 40]
      ...[0x8b, 0x00, ...send, 0x88, 0xe0, ...send], //              mov eax, [eax]: the second table's name
      ...[...out8(0xf4, 1), ...HANG],
    ];
    const kernel = join(folder, 'bare.elf');
    const bytes = Uint8Array.of(...multibootHeader(0), ...code);
    await writeFile(kernel, elfFile(0x10000c, [{ virtual: 0x100000, physical: 0x100000, bytes }]));
    const { runner, printed } = await runCode([], { kernel, devices: [DEBUG_EXIT] });
    expect(await runner.finished).toBe(3);
    expect([...printed()].map((c) => c.charCodeAt(0))).toEqual([0xc0, 0x9f, 0x7f, 0x02, 0x41, 0x50]);
  });

  it('starts a BIOS at the reset vector: ROM at 1 MiB and 4 GiB, which nobody can write', async () => {
    const rom = new Uint8Array(0x10000).fill(0xf4);
    // F000:FFF0: jmp far F000:0000, in the copy below 1 MiB.
    rom.set([0xea, 0x00, 0x00, 0x00, 0xf0], 0xfff0);
    const send = (port: number) => [0xba, port & 0xff, port >> 8, 0xee];
    // mov byte [cs:4000h], 21h; mov al, [cs:4000h] (still 41h); to COM1; mov al, 1; to the exit.
    rom.set([0x2e, 0xc6, 0x06, 0x00, 0x40, 0x21, 0x2e, 0xa0, 0x00, 0x40, ...send(0x3f8), 0xb0, 1, ...send(0xf4)]);
    rom[0x4000] = 0x41;
    const { runner, printed } = await runBios(rom);
    expect(await runner.finished).toBe(3);
    expect(printed()).toBe('A');
  });

  it('puts RAM in the place of the ROM as the host bridge is told', async () => {
    const rom = new Uint8Array(0x10000).fill(0xf4);
    rom.set([0xea, 0x00, 0x00, 0x00, 0xf0], 0xfff0);
    const send = (port: number) => [0xba, port & 0xff, port >> 8, 0xee];
    // The register of F0000h..FFFFFh: mov eax, 80000058h; mov dx, CF8h; out dx, eax; mov al, value; mov dx, CFDh; out dx, al.
    const pam = (value: number) => [
      ...[0x66, 0xb8, 0x58, 0x00, 0x00, 0x80, 0xba, 0xf8, 0x0c, 0x66, 0xef],
      ...[0xb0, value, ...send(0xcfd)],
    ];
    // mov byte [4000h], value
    const put = (value: number) => [0xc6, 0x06, 0x00, 0x40, value];
    // mov al, [4000h]; to COM1
    const print = [0xa0, 0x00, 0x40, ...send(0x3f8)];
    const code = [
      // mov ax, F000h; mov ds, ax; mov es, ax
      ...[0xb8, 0x00, 0xf0, 0x8e, 0xd8, 0x8e, 0xc0],
      ...pam(0x20),
      // Copies the ROM into the RAM behind it: xor si, si; xor di, di; mov cx, 8000h; rep movsw.
      ...[0x31, 0xf6, 0x31, 0xff, 0xb9, 0x00, 0x80, 0xf3, 0xa5],
      ...[...put(0x42), ...print],
      ...[...pam(0x30), ...print],
      ...[...put(0x43), ...print],
      ...[...pam(0x10), ...put(0x44), ...print],
      ...[...pam(0x00), ...print],
      ...[0xb0, 1, ...send(0xf4)],
    ];
    rom.set(code);
    rom[0x4000] = 0x41;
    const { runner, printed } = await runBios(rom);
    expect(await runner.finished).toBe(3);
    expect(printed()).toBe('ABCCA');
  });
});

describe('a failure of the engine', () => {
  it('ends the runner with what happened, the technical detail behind it, the registers and a status of its own', async () => {
    const platform = scriptedPlatform();
    platform.script = [
      () => {
        throw new WebAssembly.RuntimeError('memory access out of bounds');
      },
    ];
    const { runner, told } = await runCode(HANG, {}, platform);
    expect(await runner.finished).toBe(STATUS_CRASHED);
    expect(told[0]).toMatch(/^The machine has stopped: the engine failed at EIP 0x\w{8}, while running guest code\. /);
    expect(told[0]).toContain('Technical detail: RuntimeError: memory access out of bounds');
    expect(told[1]).toMatch(/^eax=/);
  });

  it('of a worker that dies ends it likewise', async () => {
    const platform = scriptedPlatform();
    const { runner, told } = await runCode(HANG, {}, platform);
    platform.kill('Worker terminated due to reaching memory limit');
    expect(await runner.finished).toBe(STATUS_CRASHED);
    expect(told[0]).toContain(
      "when its vCPU's worker ended. Technical detail: Worker terminated due to reaching memory limit",
    );
  });
});
