// The BIOS that v86 boots with: SeaBIOS, from Debian's package "seabios".
import { existsSync } from 'node:fs';

const FOLDER = '/usr/share/seabios';

export function biosFiles(): { folder: string; bios: string; vgaBios: string } {
  return { folder: FOLDER, bios: `${FOLDER}/bios.bin`, vgaBios: `${FOLDER}/vgabios-stdvga.bin` };
}

/** What to install, for a person; undefined if it is there. */
export function missingBios(): string | undefined {
  const { bios, vgaBios } = biosFiles();
  return existsSync(bios) && existsSync(vgaBios)
    ? undefined
    : `v86 needs SeaBIOS in ${FOLDER} (apt-get install seabios)`;
}
