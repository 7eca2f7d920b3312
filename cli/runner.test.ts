// The runner with the real engine and a worker thread; the "kernels" are a few instructions.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureEngine } from '../scripts/build-engine.ts';
import { tinyKernel } from '../workers/testing/tiny-kernel.ts';
import type { RunnerOptions } from './options.ts';
import { run } from './runner.ts';

/** mov dx, port; mov al, value; out dx, al */
const out8 = (port: number, value: number) => [0x66, 0xba, port & 0xff, port >> 8, 0xb0, value, 0xee];
/** mov dx, port; mov ax, value; out dx, ax */
const out16 = (port: number, value: number) => {
  const low = (n: number) => [n & 0xff, n >> 8];
  return [0x66, 0xba, ...low(port), 0x66, 0xb8, ...low(value), 0x66, 0xef];
};
const print = (text: string) => [...text].flatMap((char) => out8(0x3f8, char.charCodeAt(0)));
const HANG = [0xeb, 0xfe];
/** lidt [zero]; ud2: the exception, the double fault and its handler all fail. The three zero words follow the code. */
const TRIPLE_FAULT = [0x0f, 0x01, 0x1d, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x0b];

let folder: string;
beforeAll(async () => {
  await ensureEngine();
  folder = await mkdtemp(join(tmpdir(), 'runner-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function runCode(code: number[], options: Partial<RunnerOptions> = {}) {
  const kernel = join(folder, `kernel-${Math.random()}`);
  await writeFile(kernel, tinyKernel(code));
  const printed: number[] = [];
  const told: string[] = [];
  const runner = await run(
    { memoryMiB: 8, kernel, commandLine: '', noReboot: false, stats: false, devices: {}, ...options },
    { print: (bytes) => printed.push(...bytes), tell: (line) => told.push(line) },
  );
  return { runner, printed: () => String.fromCharCode(...printed), told };
}

describe('the runner', () => {
  it('prints what the guest sends, and ends with what it wrote to isa-debug-exit', async () => {
    const { runner, printed } = await runCode([...print('hello'), ...out8(0xf4, 3), ...HANG], {
      devices: { debugExit: { iobase: 0xf4, iosize: 4 } },
    });
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

  it('ends with 4 and the registers when the guest triple-faults', async () => {
    const { runner, told } = await runCode(TRIPLE_FAULT);
    expect(await runner.finished).toBe(4);
    expect(told.join('')).toContain('has crashed. triple fault');
    expect(told.join('')).toMatch(/eip=00100007 .*\ncr0=00000011/);
  });

  it('gives debugcon’s bytes, and quits when told to', async () => {
    const { runner, printed } = await runCode([...out8(0xe9, 0x21), ...HANG], {
      devices: { debugcon: { iobase: 0xe9 } },
    });
    await vi.waitFor(() => expect(printed()).toBe('!'), 10_000);
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
});
