// What the runner boots: reads the files that the command line names and makes a boot image of them.

import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceSpec } from '../engine/pc/bus/device-model.ts';
import type { BootImage } from '../engine/pc/firmware/boot-image.ts';
import { isMultiboot, kernelBoot } from '../engine/pc/firmware/kernel-boot.ts';
import type { BootModule } from '../engine/pc/firmware/multiboot.ts';
import { romBoot } from '../engine/pc/firmware/rom-boot.ts';
import type { RunnerOptions } from './options.ts';

/** What firmware and bare kernels look for, and Linux does without. */
const BARE_METAL = ['fw-cfg', 'text-memory', 'local-apic'];

/** The devices of a machine that does not run Linux. */
export function withBareMetal(devices: readonly DeviceSpec[]): DeviceSpec[] {
  const missing = BARE_METAL.filter((name) => !devices.some(({ model }) => model === name));
  return [...devices, ...missing.map((model) => ({ model }))];
}

type Boot = Pick<RunnerOptions, 'kernel' | 'bios' | 'biosFolders' | 'initrd' | 'commandLine' | 'memoryMiB'>;

/** `bareMetal`: it is not Linux. Rejects with a message for a person. */
export async function loadBoot(options: Boot): Promise<{ image: BootImage; bareMetal: boolean }> {
  const { kernel, bios, biosFolders, initrd, commandLine, memoryMiB } = options;
  if (bios !== undefined) {
    const file = await firstThere([bios, ...biosFolders.map((folder) => join(folder, bios))]);
    return { image: romBoot(await read('BIOS', file ?? bios)), bareMetal: true };
  }
  const kernelName = kernel ?? '';
  const file = await read('kernel', kernelName);
  const bareMetal = isMultiboot(file);
  const names = initrd === undefined ? [] : bareMetal ? moduleNames(initrd) : [initrd];
  const modules = await Promise.all(
    names.map(async (name): Promise<BootModule> => {
      const path = bareMetal ? name.split(' ')[0] : name;
      return { bytes: await read('initrd', path), commandLine: name };
    }),
  );
  return {
    image: kernelBoot({ kernel: file, kernelName, commandLine, modules, memoryMiB, localApic: bareMetal }),
    bareMetal,
  };
}

/** Separated by commas; a comma of the text itself is written twice. */
function moduleNames(list: string): string[] {
  return list.split(/(?<!,),(?!,)/).map((name) => name.replaceAll(',,', ','));
}

async function firstThere(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  return undefined;
}

async function read(what: string, file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new Error(`The ${what} ${file} cannot be read: ${reason}.`);
  }
}
