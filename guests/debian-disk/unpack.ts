// The first stage of a Debian installation, without root: packages are unpacked into a folder, and dpkg's database says that they are
// unpacked and not configured. Owners and groups other than the builder's cannot be given to files here; they are returned.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { GuestBuildError } from '../packages/errors.ts';

/** Debian's merged /usr (the package usr-is-merged wants it so): these lead to the folders in /usr. */
const MERGED = ['bin', 'lib', 'sbin'];
const DATABASE = 'var/lib/dpkg';

export interface Owner {
  /** Absolute, in the system. */
  path: string;
  user: string;
  group: string;
}

/** Unpacks the archives into the empty folder `root`. Returns what does not belong to root:root. Throws GuestBuildError. */
export function unpackSystem(root: string, archives: readonly string[]): Owner[] {
  for (const name of MERGED) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const folder of ['info', 'triggers', 'updates']) mkdirSync(join(root, DATABASE, folder), { recursive: true });
  writeFileSync(join(root, DATABASE, 'info/format'), '1\n');
  writeFileSync(join(root, DATABASE, 'available'), '');
  const owners: Owner[] = [];
  const status = archives.map((archive) => {
    unpackFiles(root, archive);
    owners.push(...ownersIn(run('dpkg-deb', ['--contents', archive])));
    return register(root, archive);
  });
  writeFileSync(join(root, DATABASE, 'status'), `${status.join('\n\n')}\n`);
  return owners;
}

function unpackFiles(root: string, archive: string): void {
  // Links to folders stay, so that what is in /bin of a package goes to /usr/bin.
  const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x -p --no-same-owner --keep-directory-symlink -C "$2"';
  run('sh', ['-c', script, 'unpack', archive, root]);
}

/** Lines such as `-rwxr-sr-x root/shadow 74476 2025-12-14 14:00 ./usr/bin/chage`. */
function ownersIn(contents: string): Owner[] {
  return [...contents.matchAll(/^\S+ (\S+?)\/(\S+) +\S+ \S+ \S+ \.(\/.*?)(?: -> .*)?$/gm)]
    .map(([, user, group, path]) => ({ user, group, path: merged(path.replace(/(.)\/$/, '$1')) }))
    .filter(({ user, group }) => user !== 'root' || group !== 'root');
}

function merged(path: string): string {
  return MERGED.includes(path.split('/')[1]) ? `/usr${path}` : path;
}

/** Enters the package in dpkg's database; returns its stanza of the status file (dpkg(1), dpkg-query(1)). */
function register(root: string, archive: string): string {
  const scratch = join(root, DATABASE, 'scratch');
  run('dpkg-deb', ['--control', archive, scratch]);
  const control = readFileSync(join(scratch, 'control'), 'utf8').trim();
  const field = (key: string) => new RegExp(`^${key}: (.*)$`, 'm').exec(control)?.[1] ?? '';
  const name = field('Package');
  const qualified = field('Multi-Arch') === 'same' ? `${name}:${field('Architecture')}` : name;
  const info = join(root, DATABASE, 'info', qualified);
  const conffiles: string[] = [];
  for (const file of readdirSync(scratch)) {
    const text = () => readFileSync(join(scratch, file), 'utf8');
    if (file === 'conffiles')
      conffiles.push(
        ...text()
          .split('\n')
          .filter((line) => line.startsWith('/')),
      );
    if (file === 'triggers') registerTriggers(root, qualified, text());
    if (file !== 'control') renameSync(join(scratch, file), `${info}.${file}`);
  }
  rmSync(scratch, { recursive: true });
  const files = run('sh', ['-c', 'dpkg-deb --fsys-tarfile "$1" | tar -t', 'list', archive]);
  writeFileSync(
    `${info}.list`,
    files
      .replace(/^\.\/$/m, '/.')
      .replace(/^\.\//gm, '/')
      .replace(/(.)\/$/gm, '$1'),
  );
  const sums = conffiles.map((path) => ` ${path} ${md5(join(root, path))}`);
  const described = [control.replace(/^(Package: .*)$/m, '$1\nStatus: install ok unpacked')];
  return [...described, ...(sums.length > 0 ? ['Conffiles:', ...sums] : [])].join('\n');
}

/** Which packages are to be told of what: lines `interest NAME`, with -noawait or -await (deb-triggers(5)). */
function registerTriggers(root: string, package_: string, text: string): void {
  for (const [, kind, trigger] of text.matchAll(/^interest(\S*)\s+(\S+)/gm)) {
    const listener = `${package_}${kind === '-noawait' ? '/noawait' : ''}`;
    const folder = join(root, DATABASE, 'triggers');
    if (trigger.startsWith('/')) appendFileSync(join(folder, 'File'), `${trigger} ${listener}\n`);
    else appendFileSync(join(folder, trigger), `${listener}\n`);
  }
}

function md5(path: string): string {
  return createHash('md5').update(readFileSync(path)).digest('hex');
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0) throw new GuestBuildError(`${args.at(-1)} could not be unpacked: ${stderr}`);
  return stdout;
}
