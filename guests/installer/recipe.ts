// The guest "installer": Debian's installer, graphical and text, on a CD that boots. Kernel, RAM disks and the menu's programs are those
// of Debian's packages; the CD is made here.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type MadeCd, makeCd } from '../../engine/pc/images/make-cd/make-cd.ts';
import { filesOfDeb } from '../packages/deb.ts';
import { GuestBuildError } from '../packages/errors.ts';
import type { GuestRecipe } from '../packages/guest-recipe.ts';
import { addBootInformation } from './boot-information.ts';

const INSTALLER = 'debian-installer-12-netboot-i386';
const IN_INSTALLER = './usr/lib/debian-installer/images/12/i386';
const GTK = `${IN_INSTALLER}/gtk/debian-installer/i386`;
const TEXT = `${IN_INSTALLER}/text/debian-installer/i386`;
const MENU_PROGRAMS = ['vesamenu.c32', 'ldlinux.c32', 'libcom32.c32', 'libutil.c32', 'splash.png'];
const LOADER = 'isolinux/isolinux.bin';
const IMAGE = 'debian-installer.iso';
const PIECE_BYTES = 8 << 20;

interface Bytes {
  size: number;
  bytes: Uint8Array;
}

export const installer: GuestRecipe = {
  what: "Debian 12's installer on a CD, graphical and text (fetches 105 MB)",
  make: async ({ apt, folder, report }) => {
    const [installerPackage, isolinux] = [INSTALLER, 'isolinux'].map((name) => apt.show(name));
    for (const { name, version, size } of [installerPackage, isolinux])
      report(`${name} ${version} (${(size / 1e6).toFixed(1)} MB)`);
    const archive = apt.download(installerPackage);
    const screens = MENU_PROGRAMS.map((name) => `${GTK}/boot-screens/${name}`);
    const [linux, gtk, ...programs] = await filesOfDeb(archive, [`${GTK}/linux`, `${GTK}/initrd.gz`, ...screens]);
    const [text] = await filesOfDeb(archive, [`${TEXT}/initrd.gz`]);
    const [loader] = await filesOfDeb(apt.download(isolinux), ['./usr/lib/ISOLINUX/isolinux.bin']);
    const menu = readFileSync(new URL('isolinux.cfg', import.meta.url));
    report('making the CD');
    const files: [path: string, bytes: Uint8Array][] = [
      [LOADER, loader],
      ['isolinux/isolinux.cfg', menu],
      ...programs.map((bytes, n): [string, Uint8Array] => [`isolinux/${MENU_PROGRAMS[n]}`, bytes]),
      ['install/linux', linux],
      ['install/gtk.gz', gtk],
      ['install/text.gz', text],
    ];
    const entries = files.map(([path, bytes]) => ({ path, modified: 0, content: { size: bytes.length, bytes } }));
    const options = { volumeId: 'DEBIAN_INSTALLER', created: 0, boot: LOADER };
    const cd = makeCd<Bytes>(entries, options, async ({ bytes }, offset, length) =>
      bytes.subarray(offset, offset + length),
    );
    const sector = cd.sectorOf(LOADER);
    if (sector === undefined) throw new GuestBuildError(`The CD has no ${LOADER}.`);
    addBootInformation(loader, sector);
    await write(cd, join(folder, IMAGE));
    return {
      os: `Debian 12 installer ${installerPackage.version}`,
      // With 512, here as under QEMU, the graphical installer asks in text.
      memoryMiB: 1024,
      drives: [{ model: 'ide-cd', file: IMAGE }],
      packages: [installerPackage, isolinux],
    };
  },
};

async function write(cd: MadeCd<Bytes>, path: string): Promise<void> {
  const file = openSync(path, 'w');
  try {
    for (let at = 0; at < cd.size; at += PIECE_BYTES) writeSync(file, await cd.read(at, PIECE_BYTES));
  } finally {
    closeSync(file);
  }
}
