// What the runner boots: the files that the command line names, as images of a VM's specification, and how its host reads them.

import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMultiboot } from '../engine/pc/firmware/kernel-boot.ts';
import { romBoot } from '../engine/pc/firmware/rom-boot.ts';
import type { FirmwareSpec, ImageSource, OptionRomSpec, VmSpec } from '../engine/vmkernel/spec/spec.ts';
import type { RomFile, RunnerOptions } from './options.ts';

type Files = Pick<
  RunnerOptions,
  'kernel' | 'bios' | 'biosFolders' | 'romFiles' | 'initrd' | 'devices' | 'nics' | 'vga'
>;

export interface BootFiles {
  images: Pick<VmSpec, 'firmware' | 'kernel' | 'initrd' | 'vgaBios' | 'modules'>;
  /** It is not Linux. */
  bareMetal: boolean;
}

/** Where `npm run guests` puts firmware. */
const FIRMWARE_FOLDER = fileURLToPath(new URL('../public/guests/firmware', import.meta.url));
const SEABIOS = 'bios-256k.bin';
/** Option ROMs that belong to SeaBIOS, by the model of the card. */
/** -vga std. */
const SCREEN = 'VGA';
const ROMS: readonly RomFile[] = [{ model: SCREEN, file: 'vgabios-stdvga.bin' }];
const LEAST_ROM_KIB = 4;

/** Looks at what is to be started, on which depends what machine it is. Rejects with a message for the user. */
export async function findBoot(files: Files): Promise<BootFiles> {
  const { kernel, initrd } = files;
  if (kernel === undefined) return { images: { firmware: await findFirmware(files) }, bareMetal: true };
  const bareMetal = isMultiboot(await read('kernel', kernel));
  const images = { kernel: image(kernel), ...(await findFont(files)) };
  if (initrd === undefined) return { images, bareMetal };
  if (!bareMetal) return { images: { ...images, initrd: image(initrd) }, bareMetal };
  const modules = moduleNames(initrd).map((name) => ({ image: image(name.split(' ')[0]), commandLine: name }));
  return { images: { ...images, modules }, bareMetal };
}

/** Of the screen's text mode, where there is a screen and the VGA BIOS is there. */
async function findFont({ vga, devices, biosFolders, romFiles }: Files): Promise<Pick<VmSpec, 'vgaBios'>> {
  if (vga !== 'std' && !devices.some(({ model }) => model === SCREEN)) return {};
  const isOfScreen = ({ model }: RomFile) => model === SCREEN;
  const name = (romFiles.find(isOfScreen) ?? ROMS.find(isOfScreen))?.file;
  const file = name && (await firstThere(placesOf(name, biosFolders)));
  return file ? { vgaBios: image(file) } : {};
}

async function findFirmware({
  bios = SEABIOS,
  biosFolders,
  romFiles,
  devices,
  nics,
  vga,
}: Files): Promise<FirmwareSpec> {
  const find = async (name: string) => (await firstThere(placesOf(name, biosFolders))) ?? name;
  const file = await find(bios);
  const { rom } = romBoot(await read('BIOS', file));
  // Another BIOS than SeaBIOS need not want its ROMs.
  const own = bios === SEABIOS ? ROMS : await those(ROMS, async ({ file }) => (await find(file)) !== file);
  const given = [...romFiles, ...own.filter(({ model }) => !romFiles.some((one) => one.model === model))];
  // With firmware a screen is there without being asked for.
  const cards = nics.map(({ spec }) => spec);
  const models = new Set([...[...devices, ...cards].map(({ model }) => model), ...(vga === 'none' ? [] : [SCREEN])]);
  const roms = given
    .filter(({ model }) => models.has(model))
    .map(async ({ model, file: name }): Promise<OptionRomSpec> => {
      const found = await find(name);
      const { length } = await read('option ROM', found);
      return { model, image: image(found), sizeKiB: romKiB(length) };
    });
  return { image: image(file), sizeKiB: (rom?.length ?? 0) / 1024, roms: await Promise.all(roms) };
}

async function those<T>(all: readonly T[], wanted: (one: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(all.map(wanted));
  return all.filter((_, n) => kept[n]);
}

/** A file name may be that of one of the folders. */
function placesOf(name: string, folders: readonly string[]): string[] {
  return [name, ...[...folders, FIRMWARE_FOLDER].map((folder) => join(folder, name))];
}

function romKiB(length: number): number {
  return Math.max(LEAST_ROM_KIB, 2 ** Math.ceil(Math.log2(Math.max(length, 1) / 1024)));
}

/** Reads the images of `boot`: HostOptions.fetchImage. Rejects with a message for the user. */
export function imageReader({ images }: BootFiles): (source: ImageSource) => Promise<Uint8Array> {
  const { kernel, firmware } = images;
  return async (source) => {
    if (source.kind === 'bytes') return source.bytes;
    const is = (other: ImageSource | undefined) => other?.kind === 'url' && other.url === source.url;
    const isRom = firmware?.roms?.some((rom) => is(rom.image));
    return read(is(kernel) ? 'kernel' : is(firmware?.image) ? 'BIOS' : isRom ? 'option ROM' : 'initrd', source.url);
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
    const remedy = file === SEABIOS ? ' Firmware is fetched by: npm run guests' : '';
    throw new Error(`The ${what} ${file} cannot be read: ${reason}.${remedy}`);
  }
}
