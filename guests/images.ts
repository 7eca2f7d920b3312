// Makes guest images in public/guests/ unless they are there already, made by the same recipe and undamaged.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BIOS_FILE, type FirmwareImages, makeFirmware, VGA_BIOS_FILE } from './firmware/recipe.ts';
import { type LinuxImages, makeLinux } from './linux/recipe.ts';
import {
  currentManifest,
  describeFile,
  describeFileAt,
  type Firmware,
  type Guest,
  isUndamaged,
  type Manifest,
  onDemandGuests,
  readManifest,
  type SourcePackage,
} from './manifest.ts';
import { ON_DEMAND_GUESTS } from './on-demand.ts';
import { type Package, PrivateApt } from './packages/apt.ts';
import { defaultRecipe, onDemandRecipe } from './recipe-hash.ts';

/**
 * Kernel options of the catalogue's Linux. A boot is a sixth shorter without the search for ISA PnP cards, of which this PC has none and
 * which waits in loops, and without the kernel's tests of its own cryptography.
 */
const COMMAND_LINE = 'console=ttyS0 noisapnp cryptomgr.notests';

const IMAGES = fileURLToPath(new URL('../public/guests/', import.meta.url));
const CACHE = fileURLToPath(new URL('../.cache/guests/', import.meta.url));
const DEBIAN_RELEASE = 'bookworm';

type Report = (line: string) => void;

/** Makes firmware and the default guests if need be. Throws GuestBuildError with what failed and what to do. */
export async function ensureImages(report: Report): Promise<Manifest> {
  const recipe = defaultRecipe();
  const present = currentManifest(IMAGES, recipe);
  if (present !== undefined) return present;

  const before = readManifest(IMAGES);
  const apt = preparedApt(report);
  const firmware = await makeFirmware(apt, report);
  const linux = await makeLinux(apt, report);
  mentionUpdateProblem(apt, report);
  const guests = [linuxEntry(linux), ...(before ? onDemandGuests(IMAGES, before) : [])];
  return writeManifest({ recipe, firmware: firmwareEntry(firmware), guests });
}

/**
 * Makes these of ON_DEMAND_GUESTS, and what is always made, unless they are there, made by the same recipe and undamaged.
 * Throws GuestBuildError with what failed and what to do.
 */
export async function ensureGuests(names: readonly string[], report: Report): Promise<Manifest> {
  let manifest = await ensureImages(report);
  let apt: PrivateApt | undefined;
  for (const name of names) {
    const { sources } = ON_DEMAND_GUESTS[name];
    const recipe = onDemandRecipe(sources);
    const present = manifest.guests.find((guest) => guest.name === name);
    if (present?.recipe === recipe && isUndamaged(IMAGES, present)) continue;
    apt ??= preparedApt(report);
    const guest = { ...(await onDemandEntry(name, apt, report)), recipe };
    manifest = writeManifest({
      ...manifest,
      guests: [...manifest.guests.filter((other) => other.name !== name), guest],
    });
  }
  if (apt) mentionUpdateProblem(apt, report);
  return manifest;
}

async function onDemandEntry(name: string, apt: PrivateApt, report: Report): Promise<Guest> {
  const folder = join(IMAGES, `${name}.part`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    const made = await ON_DEMAND_GUESTS[name].make({ apt, folder, cache: CACHE, report });
    const files = made.drives.map(({ file }) => [`${name}/${file}`, describeFileAt(join(folder, file))]);
    rmSync(join(IMAGES, name), { recursive: true, force: true });
    renameSync(folder, join(IMAGES, name));
    return {
      name,
      os: made.os,
      drives: made.drives.map(({ model, file }) => ({ model, file: `${name}/${file}` })),
      memoryMiB: made.memoryMiB,
      files: Object.fromEntries(files),
      packages: made.packages.map(sourcePackage),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function preparedApt(report: Report): PrivateApt {
  const apt = new PrivateApt(join(CACHE, 'apt'), 'i386', DEBIAN_RELEASE);
  report('reading package lists');
  apt.update();
  return apt;
}

function mentionUpdateProblem({ updateProblem }: PrivateApt, report: Report): void {
  if (updateProblem === '') return;
  report(`note: some package lists could not be fetched, the versions may not be the newest:\n${updateProblem}`);
}

function writeManifest(manifest: Manifest): Manifest {
  write('manifest.json', new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`));
  return manifest;
}

function firmwareEntry({ bios, vgaBios, package: source }: FirmwareImages): Firmware {
  const files = { bios: `firmware/${BIOS_FILE}`, vgaBios: `firmware/${VGA_BIOS_FILE}` };
  write(files.bios, bios);
  write(files.vgaBios, vgaBios);
  return {
    ...{ name: 'SeaBIOS', version: source.version },
    ...files,
    files: { [files.bios]: describeFile(bios), [files.vgaBios]: describeFile(vgaBios) },
    packages: [source].map(sourcePackage),
  };
}

function linuxEntry(linux: LinuxImages): Guest {
  const kernel = 'linux/vmlinuz';
  const initrd = 'linux/initrd.gz';
  write(kernel, linux.kernel);
  write(initrd, linux.initrd);
  return {
    name: 'linux',
    os: `Debian 12, Linux ${linux.release}`,
    kernel,
    initrd,
    commandLine: COMMAND_LINE,
    memoryMiB: 128,
    files: { [kernel]: describeFile(linux.kernel), [initrd]: describeFile(linux.initrd) },
    packages: linux.packages.map(sourcePackage),
  };
}

function sourcePackage({ name, version, architecture, sha256 }: Package): SourcePackage {
  return { name, version, architecture, sha256 };
}

/** Whole or not at all: a run that is interrupted leaves no half file under the final name. */
function write(name: string, bytes: Uint8Array): void {
  const path = join(IMAGES, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
}
