// Guests that are a whole image in a Debian package, taken as it is: tools that boot from a CD.
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { filesOfDeb } from '../packages/deb.ts';
import type { GuestRecipe } from '../packages/guest-recipe.ts';

interface PackagedCd {
  package: string;
  /** In the package. */
  path: string;
  os: string;
  memoryMiB: number;
}

function packagedCd(cd: PackagedCd): GuestRecipe {
  return {
    what: `${cd.os}, a CD as Debian's ${cd.package} has it`,
    make: async ({ apt, folder, report }) => {
      const found = apt.show(cd.package);
      report(`${found.name} ${found.version} (${(found.size / 1e6).toFixed(1)} MB)`);
      const [image] = await filesOfDeb(apt.download(found), [cd.path]);
      const file = basename(cd.path);
      writeFileSync(join(folder, file), image);
      return {
        os: `${cd.os} ${found.version}`,
        memoryMiB: cd.memoryMiB,
        drives: [{ model: 'ide-cd', file }],
        packages: [found],
      };
    },
  };
}

export const memtest = packagedCd({
  package: 'memtest86+',
  path: './usr/lib/memtest86+/memtest86+ia32.iso',
  os: 'Memtest86+',
  memoryMiB: 32,
});

export const grubRescue = packagedCd({
  package: 'grub-rescue-pc',
  path: './usr/lib/grub-rescue/grub-rescue-cdrom.iso',
  os: 'GRUB rescue CD',
  memoryMiB: 64,
});

export const ipxe = packagedCd({
  package: 'ipxe',
  path: './usr/lib/ipxe/ipxe.iso',
  os: 'iPXE',
  memoryMiB: 64,
});
