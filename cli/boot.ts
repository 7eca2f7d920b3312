// What the runner boots: the files that the command line names, as images of a VM's specification, and how its host reads them.

import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMultiboot } from '../engine/pc/firmware/kernel-boot.ts';
import { romBoot } from '../engine/pc/firmware/rom-boot.ts';
import type { ImageSource, VmSpec } from '../engine/vmkernel/spec/spec.ts';
import type { RunnerOptions } from './options.ts';

type Files = Pick<RunnerOptions, 'kernel' | 'bios' | 'biosFolders' | 'initrd'>;

export interface Boot {
  images: Pick<VmSpec, 'firmware' | 'kernel' | 'initrd' | 'modules'>;
  /** It is not Linux. */
  bareMetal: boolean;
}

/** Looks at what is to be started, on which depends what machine it is. Rejects with a message for the user. */
export async function findBoot({ kernel = '', bios, biosFolders, initrd }: Files): Promise<Boot> {
  if (bios !== undefined) {
    const file = (await firstThere([bios, ...biosFolders.map((folder) => join(folder, bios))])) ?? bios;
    const { rom } = romBoot(await read('BIOS', file));
    const firmware = { image: image(file), sizeKiB: (rom?.length ?? 0) / 1024 };
    return { images: { firmware }, bareMetal: true };
  }
  const bareMetal = isMultiboot(await read('kernel', kernel));
  const images = { kernel: image(kernel) };
  if (initrd === undefined) return { images, bareMetal };
  if (!bareMetal) return { images: { ...images, initrd: image(initrd) }, bareMetal };
  const modules = moduleNames(initrd).map((name) => ({ image: image(name.split(' ')[0]), commandLine: name }));
  return { images: { ...images, modules }, bareMetal };
}

/** Reads the images of `boot`: HostOptions.fetchImage. Rejects with a message for the user. */
export function imageReader({ images }: Boot): (source: ImageSource) => Promise<Uint8Array> {
  const { kernel, firmware } = images;
  return async (source) => {
    if (source.kind === 'bytes') return source.bytes;
    const is = (other: ImageSource | undefined) => other?.kind === 'url' && other.url === source.url;
    return read(is(kernel) ? 'kernel' : is(firmware?.image) ? 'BIOS' : 'initrd', source.url);
  };
}

function image(url: string): ImageSource {
  return { kind: 'url', url };
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
