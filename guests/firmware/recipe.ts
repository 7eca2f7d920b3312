// The firmware of virtual machines that boot as a PC does: SeaBIOS and its VGA BIOS, from Debian's package "seabios" as they are.
import type { Package, PrivateApt } from '../packages/apt.ts';
import { filesOfDeb } from '../packages/deb.ts';

const PACKAGE = 'seabios';
const IN_PACKAGE = './usr/share/seabios';
export const BIOS_FILE = 'bios-256k.bin';
export const VGA_BIOS_FILE = 'vgabios-stdvga.bin';

export interface FirmwareImages {
  bios: Uint8Array;
  /** The option ROM of the standard VGA adapter. */
  vgaBios: Uint8Array;
  package: Package;
}

/** Throws GuestBuildError with what failed and what to do. `report` gets a line for a person per step. */
export async function makeFirmware(apt: PrivateApt, report: (line: string) => void): Promise<FirmwareImages> {
  const seabios = apt.show(PACKAGE);
  report(`${seabios.name} ${seabios.version} (${(seabios.size / 1e6).toFixed(1)} MB)`);
  const files = [BIOS_FILE, VGA_BIOS_FILE].map((name) => `${IN_PACKAGE}/${name}`);
  const [bios, vgaBios] = await filesOfDeb(apt.download(seabios), files);
  return { bios, vgaBios, package: seabios };
}
