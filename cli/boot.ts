// What the runner boots: reads the files that the command line names and makes a boot image of them.

import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootImage } from '../engine/pc/firmware/boot-image.ts';
import { isMultiboot, kernelBoot } from '../engine/pc/firmware/kernel-boot.ts';
import type { BootModule } from '../engine/pc/firmware/multiboot.ts';
import { romBoot } from '../engine/pc/firmware/rom-boot.ts';
import { LOCAL_APIC } from '../engine/pc/machine/device-models.ts';
import type { RunnerOptions } from './options.ts';

type Boot = Pick<RunnerOptions, 'kernel' | 'bios' | 'biosFolders' | 'initrd' | 'commandLine' | 'memoryMiB' | 'devices'>;

export interface LoadedBoot {
  image: BootImage;
  /** It is not Linux. */
  bareMetal: boolean;
}

/** Rejects with a message for the user. */
export async function loadBoot(options: Boot): Promise<LoadedBoot> {
  const { kernel, bios, biosFolders, initrd, commandLine, memoryMiB, devices } = options;
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
  const localApic = bareMetal || devices.some(({ model }) => model === LOCAL_APIC);
  return {
    image: kernelBoot({ kernel: file, kernelName, commandLine, modules, memoryMiB, localApic }),
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
