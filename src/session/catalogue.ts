// The guest catalogue: images that `npm run guests` made, as public/guests/manifest.json lists them.
import { nameProblem } from '../../engine/base/object-name.ts';
import type { DriveSpec, ImageSource } from '../../engine/host/api.ts';
import { vmMemoryProblem } from '../../engine/vmkernel/spec/spec-check.ts';
import { fetchBytes } from '../../workers/fetch-bytes.ts';

/** It starts by its kernel, or by firmware from its drives. */
export interface GuestImage {
  name: string;
  os: string;
  kernel?: ImageSource;
  initrd?: ImageSource;
  commandLine: string;
  drives?: { firmware: FirmwareImages; specs: DriveSpec[] };
  memoryMiB: number;
}

/** What machines boot from that are given no kernel. */
export interface FirmwareImages {
  bios: ImageSource;
  biosKiB: number;
  /** The option ROM of the standard VGA adapter. */
  vgaBios: ImageSource;
  vgaBiosKiB: number;
}

export interface Catalogue {
  guests: GuestImage[];
  firmware?: FirmwareImages;
  /** Why there are no guests, for the user. */
  problem?: string;
}

const HOW_TO = 'Run “npm run guests” and reload this page, or choose files of your own.';

/** For machines that boot from drives, where the site has no firmware. */
export const NO_FIRMWARE =
  'There is no firmware on this site yet: run “npm run guests”, which fetches SeaBIOS, and reload this page. Kernels start without it.';

/** @param base where the site is; image paths are relative to its guests/ folder */
export function parseManifest(manifest: unknown, base: string): Catalogue {
  const { guests, firmware } = (manifest ?? {}) as { guests?: unknown; firmware?: unknown };
  if (!Array.isArray(guests)) return { guests: [], problem: `The guest catalogue cannot be read. ${HOW_TO}` };
  const image = (path: string): ImageSource => ({ kind: 'url', url: new URL(`guests/${path}`, base).href });
  const boot = isManifestFirmware(firmware)
    ? {
        bios: image(firmware.bios),
        biosKiB: firmware.files[firmware.bios].size / 1024,
        vgaBios: image(firmware.vgaBios),
        vgaBiosKiB: romKiB(firmware.files[firmware.vgaBios].size),
      }
    : undefined;
  return {
    guests: guests
      .filter(isManifestGuest)
      .flatMap(({ kernel, initrd, commandLine = '', drives, ...guest }): GuestImage[] => {
        const { name, os, memoryMiB } = guest;
        const about = { name, os, memoryMiB, commandLine };
        if (kernel !== undefined)
          return [{ ...about, kernel: image(kernel), initrd: initrd ? image(initrd) : undefined }];
        // Without firmware there is nothing that starts them.
        if (!boot || !drives) return [];
        const specs = drives.map(({ model, file }) => driveSpec(model, file, image(file)));
        return [{ ...about, drives: { firmware: boot, specs } }];
      }),
    ...(boot && { firmware: boot }),
  };
}

/** Where a drive of a guest's is: each has one of a kind at most. */
const PLACES: Readonly<Record<string, DriveSpec['properties']>> = {
  'ide-hd': { bus: 0, unit: 0 },
  'ide-cd': { bus: 1, unit: 0 },
  floppy: { unit: 0 },
};

function driveSpec(model: string, file: string, source: ImageSource): DriveSpec {
  const name = file.slice(file.lastIndexOf('/') + 1);
  const properties = PLACES[model];
  return { model, ...(properties && { properties }), medium: { name, source } };
}

interface ManifestFirmware {
  bios: string;
  vgaBios: string;
  files: Record<string, { size: number }>;
}

function isManifestFirmware(value: unknown): value is ManifestFirmware {
  const { bios, vgaBios, files } = (value ?? {}) as Partial<ManifestFirmware>;
  const has = (path: unknown) => typeof path === 'string' && Number(files?.[path]?.size) > 0;
  return has(bios) && has(vgaBios);
}

/** An option ROM's size is a power of two. */
function romKiB(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(bytes / 1024));
}

interface ManifestGuest {
  name: string;
  os: string;
  kernel?: string;
  initrd?: string;
  commandLine?: string;
  drives?: { model: string; file: string }[];
  memoryMiB: number;
}

function isManifestGuest(value: unknown): value is ManifestGuest {
  const guest = value as Partial<ManifestGuest> | null;
  return (
    typeof guest?.name === 'string' &&
    !nameProblem(`${guest.name}-1`) &&
    typeof guest.os === 'string' &&
    [guest.kernel, guest.initrd, guest.commandLine].every((text) => text === undefined || typeof text === 'string') &&
    (guest.drives === undefined ? guest.kernel !== undefined : isDriveList(guest.drives)) &&
    !vmMemoryProblem(guest.memoryMiB)
  );
}

function isDriveList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((drive) => typeof drive?.model === 'string' && typeof drive.file === 'string' && drive.file !== '')
  );
}

let loading: Promise<Catalogue> | undefined;

/** Never rejects: a missing catalogue is a user-facing message. A failed attempt is made again at the next call. */
export function loadCatalogue(): Promise<Catalogue> {
  loading ??= fetchCatalogue().then((catalogue) => {
    if (catalogue.problem) loading = undefined;
    return catalogue;
  });
  return loading;
}

async function fetchCatalogue(): Promise<Catalogue> {
  try {
    let present = true;
    const check = (response: Response) => {
      // A development server answers an unknown path with the page itself.
      present = response.ok && response.headers.get('content-type')?.includes('json') === true;
    };
    const bytes = await fetchBytes('guests/manifest.json', { init: { cache: 'no-cache' }, check });
    if (!present) return { guests: [], problem: `There are no guest images yet. ${HOW_TO}` };
    return parseManifest(JSON.parse(new TextDecoder().decode(bytes)), document.baseURI);
  } catch (error) {
    return { guests: [], problem: `The guest catalogue cannot be loaded (${(error as Error).message}). ${HOW_TO}` };
  }
}
