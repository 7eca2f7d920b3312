// The BIOS that v86 boots with: SeaBIOS, from Debian's package "seabios". Where it is not installed, the package is fetched
// into .cache/ by the means that make the guest images, which need no root and check signatures.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PrivateApt } from './apt.ts';
import { GuestBuildError } from './errors.ts';

const IN_PACKAGE = 'usr/share/seabios';
const INSTALLED = `/${IN_PACKAGE}`;
const UNPACKED = fileURLToPath(new URL('../../.cache/seabios', import.meta.url));
const APT = fileURLToPath(new URL('../../.cache/seabios/apt', import.meta.url));
const DEBIAN_RELEASE = 'bookworm';

export interface BiosFiles {
  folder: string;
  bios: string;
  vgaBios: string;
}

/** Where they are, or will be once they have been fetched. */
export function biosFiles(): BiosFiles {
  const installed = filesIn(INSTALLED);
  return isThere(installed) ? installed : filesIn(`${UNPACKED}/${IN_PACKAGE}`);
}

let problem: string | undefined;

/** Fetches them if need be. Why they are not there and what to do about it, for a person; undefined if they are. */
export function missingBios(): string | undefined {
  if (isThere(biosFiles())) return undefined;
  problem ??= tryToFetch();
  return problem;
}

function tryToFetch(): string | undefined {
  try {
    fetchPackage();
    return undefined;
  } catch (error) {
    if (!(error instanceof GuestBuildError)) throw error;
    return `v86 needs SeaBIOS in ${INSTALLED} (apt-get install seabios), and it could not be fetched: ${error.message}`;
  }
}

function fetchPackage(): void {
  mkdirSync(APT, { recursive: true });
  const apt = new PrivateApt(APT, 'i386', DEBIAN_RELEASE);
  apt.update();
  const archive = apt.download(apt.show('seabios'));
  const { status, stderr } = spawnSync('dpkg-deb', ['--extract', archive, UNPACKED], { encoding: 'utf8' });
  if (status !== 0) throw new GuestBuildError(`${archive} could not be unpacked: ${stderr}`);
  if (!isThere(biosFiles())) throw new GuestBuildError(`Debian's seabios holds no ${IN_PACKAGE}/bios.bin any more.`);
}

function filesIn(folder: string): BiosFiles {
  return { folder, bios: `${folder}/bios.bin`, vgaBios: `${folder}/vgabios-stdvga.bin` };
}

function isThere({ bios, vgaBios }: BiosFiles): boolean {
  return existsSync(bios) && existsSync(vgaBios);
}
