// A bootable disk from a folder: a partition table with GRUB in front of one ext4 partition. The tools are those of the unpacked system
// itself, run on this machine with its own dynamic loader, so that no package need be installed here.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { GuestBuildError } from '../packages/errors.ts';
import { bootArea, FIRST_SECTOR, SECTOR } from './boot-area.ts';
import type { Owner } from './unpack.ts';

export const FILE_SYSTEM_UUID = '7ab71507-0012-4deb-8d15-c0ffee0ddeb1';
/** So that the same folder gives the same names to files of a directory. */
const HASH_SEED = '7ab71507-0012-4deb-8d15-c0ffee0dd1c5';
/** What GRUB needs to find its other modules: disks by the BIOS, partitions, the file system. */
const CORE_MODULES = ['biosdisk', 'part_msdos', 'ext2'];
const GRUB_MODULES = 'usr/lib/grub/i386-pc';
/** Of those groups to which packages give files (base-passwd's group.master), and users. */
const IDS: Readonly<Record<string, number>> = { root: 0, mail: 8, shadow: 42, utmp: 43, staff: 50 };

/** Writes the image of `bytes`. Throws GuestBuildError. */
export function writeDiskImage(image: string, root: string, owners: readonly Owner[], bytes: number): void {
  writeFileSync(image, '');
  truncateSync(image, bytes);
  const offset = FIRST_SECTOR * SECTOR;
  const features = '^metadata_csum_seed,^orphan_file';
  const options = ['-q', '-F', '-t', 'ext4', '-O', features, '-m', '1', '-L', 'debian', '-U', FILE_SYSTEM_UUID];
  const extended = `offset=${offset},hash_seed=${HASH_SEED},root_owner=0:0`;
  runTool(root, 'usr/sbin/mke2fs', [...options, '-E', extended, '-d', root, image, `${(bytes - offset) / 1024}k`]);
  const commands = join(root, '..', 'owners.debugfs');
  writeFileSync(commands, ownerCommands(root, owners));
  const said = runTool(root, 'usr/sbin/debugfs', ['-w', '-f', commands, `${image}?offset=${offset}`]);
  const refused = /^.*(File not found|Invalid|Usage).*$/m.exec(said)?.[0];
  if (refused) throw new GuestBuildError(`The owners of files on the disk could not be set: ${refused}`);
  const core = join(root, '..', 'core.img');
  const prefix = ['-p', '(,msdos1)/boot/grub', '-d', join(root, GRUB_MODULES)];
  runTool(root, 'usr/bin/grub-mkimage', ['-O', 'i386-pc', ...prefix, '-o', core, ...CORE_MODULES]);
  const bootSector = readFileSync(join(root, GRUB_MODULES, 'boot.img'));
  const file = openSync(image, 'r+');
  try {
    writeSync(file, bootArea(bootSector, readFileSync(core), bytes / SECTOR), 0, undefined, 0);
  } finally {
    closeSync(file);
  }
}

/** All that the builder has unpacked is root's, or whom the package says. */
function ownerCommands(root: string, owners: readonly Owner[]): string {
  const special = new Map(owners.map((owner) => [owner.path, owner]));
  // With types: links are not followed, which may lead out of the system.
  const paths = readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) =>
    join(entry.parentPath ?? entry.path, entry.name).slice(root.length),
  );
  const lines = paths.flatMap((path) => {
    const { user, group } = special.get(path) ?? { user: 'root', group: 'root' };
    return [`set_inode_field "${path}" uid ${idOf(user)}`, `set_inode_field "${path}" gid ${idOf(group)}`];
  });
  return `${lines.join('\n')}\n`;
}

function idOf(name: string): number {
  const id = IDS[name];
  if (id === undefined) throw new GuestBuildError(`A package has files of "${name}", whose number is not known here.`);
  return id;
}

/** Runs a program of the unpacked system; what it prints on both channels. */
function runTool(root: string, program: string, args: readonly string[]): string {
  const libraries = ['usr/lib/i386-linux-gnu', 'usr/lib'].map((folder) => join(root, folder)).join(':');
  const loader = join(root, 'usr/lib/ld-linux.so.2');
  const result = spawnSync(loader, ['--library-path', libraries, join(root, program), ...args], {
    encoding: 'utf8',
    maxBuffer: 256 << 20,
    env: { ...process.env, LC_ALL: 'C', MKE2FS_CONFIG: join(root, 'etc/mke2fs.conf'), DEBUGFS_PAGER: 'cat' },
  });
  if (result.error) {
    throw new GuestBuildError(
      `${program} of the new system does not run on this machine (${result.error.message}): an x86 processor with a kernel ` +
        'that runs 32-bit programs is needed. Copy public/guests/debian-disk from a machine that has one.',
    );
  }
  if (result.status !== 0) throw new GuestBuildError(`${program} failed: ${result.stderr.trim()}`);
  return result.stdout + result.stderr;
}
