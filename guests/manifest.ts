// public/guests/manifest.json: which guest images are there, how to start them, and what they were made from. Written last,
// so images that it describes are complete.
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

const PIECE_BYTES = 1 << 20;

export interface GuestFile {
  /** Bytes. */
  size: number;
  sha256: string;
}

export interface Guest {
  name: string;
  os: string;
  /** Paths relative to the manifest; each has an entry in `files`. A guest without a kernel boots from its drives by firmware. */
  kernel?: string;
  initrd?: string;
  /** What the kernel should be told. */
  commandLine?: string;
  drives?: GuestDrive[];
  /** Recommended size of the VM. */
  memoryMiB: number;
  files: Record<string, GuestFile>;
  packages: SourcePackage[];
  /** Only of guests made on demand: SHA-256 over the sources of its recipe. */
  recipe?: string;
}

export interface GuestDrive {
  /** The device model. */
  model: string;
  /** The medium: a path relative to the manifest, with an entry in `files`. */
  file: string;
}

/** A Debian package that files were taken from. */
export interface SourcePackage {
  name: string;
  version: string;
  architecture: string;
  sha256: string;
}

/** What a machine boots from that is given no kernel. Paths are relative to the manifest; each has an entry in `files`. */
export interface Firmware {
  name: string;
  version: string;
  bios: string;
  /** The option ROM of the standard VGA adapter. */
  vgaBios: string;
  files: Record<string, GuestFile>;
  packages: SourcePackage[];
}

export interface Manifest {
  /** SHA-256 over the sources that make firmware and the default guests: other sources, other images. */
  recipe: string;
  firmware: Firmware;
  guests: Guest[];
}

export function describeFile(bytes: Uint8Array): GuestFile {
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Of a file of any size. */
export function describeFileAt(path: string): GuestFile {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const file = openSync(path, 'r');
  try {
    let size = 0;
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hash.update(piece.subarray(0, read));
      size += read;
    }
    return { size, sha256: hash.digest('hex') };
  } finally {
    closeSync(file);
  }
}

/**
 * The manifest in `folder` if it was made by this recipe and every file of firmware and default guests is there as it says; else
 * undefined. Of guests made on demand those are left whose files are there in the right size: to read a whole disk at each start
 * would take long.
 */
export function currentManifest(folder: string, recipe: string): Manifest | undefined {
  const manifest = readManifest(folder);
  if (manifest?.recipe !== recipe) return undefined;
  const always = manifest.guests.filter((guest) => guest.recipe === undefined);
  if (![manifest.firmware, ...always].every((made) => isUndamaged(folder, made))) return undefined;
  return { ...manifest, guests: [...always, ...onDemandGuests(folder, manifest)] };
}

/** Those of the manifest whose files are there in the right size. */
export function onDemandGuests(folder: string, { guests }: Manifest): Guest[] {
  const isThere = ([name, { size }]: [string, GuestFile]) => sizeOf(join(folder, name)) === size;
  return guests.filter(({ recipe, files }) => recipe !== undefined && Object.entries(files).every(isThere));
}

/** Is every file as the manifest says? */
export function isUndamaged(folder: string, { files }: Pick<Guest, 'files'>): boolean {
  return Object.entries(files).every(([name, { size, sha256 }]) => {
    const path = join(folder, name);
    return sizeOf(path) === size && describeFileAt(path).sha256 === sha256;
  });
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** Undefined if there is none, or what is there is none, e.g. cut short. */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, 'manifest.json');
  return existsSync(path) ? parse(readFileSync(path, 'utf8')) : undefined;
}

function parse(text: string): Manifest | undefined {
  try {
    const value = JSON.parse(text) as Partial<Manifest> | null;
    return typeof value?.recipe === 'string' && value.firmware && Array.isArray(value.guests)
      ? (value as Manifest)
      : undefined;
  } catch {
    return undefined;
  }
}
