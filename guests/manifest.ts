// public/guests/manifest.json: which guest images are there, how to start them, and what they were made from. Written last,
// so images that it describes are complete.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface GuestFile {
  /** Bytes. */
  size: number;
  sha256: string;
}

export interface Guest {
  name: string;
  os: string;
  /** Paths relative to the manifest; each has an entry in `files`. */
  kernel: string;
  initrd: string;
  /** What the kernel should be told. */
  commandLine: string;
  /** Recommended size of the VM. */
  memoryMiB: number;
  files: Record<string, GuestFile>;
  packages: SourcePackage[];
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
  /** SHA-256 over the recipe's own sources: other sources, other images. */
  recipe: string;
  firmware: Firmware;
  guests: Guest[];
}

export function describeFile(bytes: Uint8Array): GuestFile {
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The manifest in `folder` if it was made by this recipe and every file is there as it says; else undefined. */
export function currentManifest(folder: string, recipe: string): Manifest | undefined {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) return undefined;
  const manifest = parse(readFileSync(path, 'utf8'));
  if (manifest === undefined || manifest.recipe !== recipe) return undefined;
  for (const { files } of [manifest.firmware, ...manifest.guests]) {
    for (const [name, expected] of Object.entries(files)) {
      const file = join(folder, name);
      if (!existsSync(file) || statSync(file).size !== expected.size) return undefined;
      if (describeFile(readFileSync(file)).sha256 !== expected.sha256) return undefined;
    }
  }
  return manifest;
}

/** Undefined for what is no manifest, e.g. a file cut short. */
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
