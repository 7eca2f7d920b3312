// Makes the guest images in public/guests/ unless they are there already, made by the same recipe and undamaged.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BIOS_FILE, type FirmwareImages, makeFirmware, VGA_BIOS_FILE } from './firmware/recipe.ts';
import { type LinuxImages, makeLinux } from './linux/recipe.ts';
import {
  currentManifest,
  describeFile,
  type Firmware,
  type Guest,
  type Manifest,
  type SourcePackage,
} from './manifest.ts';
import { type Package, PrivateApt } from './packages/apt.ts';

/**
 * Kernel options of the catalogue's Linux. A boot is a sixth shorter without the search for ISA PnP cards, of which this PC has none and
 * which waits in loops, and without the kernel's tests of its own cryptography.
 */
const COMMAND_LINE = 'console=ttyS0 noisapnp cryptomgr.notests';

const SOURCES = fileURLToPath(new URL('.', import.meta.url));
const IMAGES = fileURLToPath(new URL('../public/guests/', import.meta.url));
const CACHE = fileURLToPath(new URL('../.cache/guests/', import.meta.url));
const DEBIAN_RELEASE = 'bookworm';

/** Makes the images if need be. Throws GuestBuildError with what failed and what to do. */
export async function ensureImages(report: (line: string) => void): Promise<Manifest> {
  const recipe = recipeHash();
  const present = currentManifest(IMAGES, recipe);
  if (present !== undefined) return present;

  const apt = new PrivateApt(join(CACHE, 'apt'), 'i386', DEBIAN_RELEASE);
  report('reading package lists');
  apt.update();
  const firmware = await makeFirmware(apt, report);
  const linux = await makeLinux(apt, report);
  if (apt.updateProblem !== '') {
    report(`note: some package lists could not be fetched, the versions may not be the newest:\n${apt.updateProblem}`);
  }
  const manifest: Manifest = { recipe, firmware: firmwareEntry(firmware), guests: [linuxEntry(linux)] };
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

function recipeHash(): string {
  const hash = createHash('sha256');
  const files = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.ts$|\.md$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
  for (const file of files)
    hash
      .update(`${file.slice(SOURCES.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}
