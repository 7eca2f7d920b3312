// Runs the second stage on a disk in a virtual machine of the runner: the guest "linux" mounts the disk and runs the script in it.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GuestBuildError } from '../packages/errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LINUX = 'public/guests/linux';
const COMMAND =
  'mkdir /disk; modprobe ext4; mount -t ext4 /dev/vda1 /disk && mount -t devtmpfs dev /disk/dev && chroot /disk /second-stage; ' +
  'umount /disk/dev /disk; poweroff -f';
const OPTIONS = [
  ...['-m', '512', '-nographic', '-no-reboot', '-kernel', `${LINUX}/vmlinuz`, '-initrd', `${LINUX}/initrd.gz`],
  ...['-append', `console=ttyS0 quiet noisapnp run="${COMMAND}"`],
];
const REPORT = /^second stage: (.*?)\r?$/gm;
/** Setting up one package: what dpkg says. */
const PACKAGE = /^Setting up (\S+)/gm;
const DONE = 'done';
const PACKAGES_A_LINE = 25;
const LAST_LINES = 2000;

/** Throws GuestBuildError with the end of what it printed. */
export async function runSecondStage(image: string, report: (line: string) => void): Promise<void> {
  const drive = ['-drive', `file=${image.replaceAll(',', ',,')},if=virtio,format=raw`];
  const runner = spawn(process.execPath, ['--import', 'tsx', 'cli/vm.ts', ...OPTIONS, ...drive], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let configured = 0;
  const take = (bytes: Buffer) => {
    printed += bytes.toString('latin1');
    const now = [...printed.matchAll(PACKAGE)].length;
    if (Math.floor(now / PACKAGES_A_LINE) > Math.floor(configured / PACKAGES_A_LINE))
      report(`${now} packages configured`);
    configured = now;
  };
  runner.stdout.on('data', take);
  runner.stderr.on('data', take);
  const status = await new Promise<number | null>((resolve, reject) => {
    runner.on('error', reject);
    runner.on('close', resolve);
  });
  const last = [...printed.matchAll(REPORT)].at(-1)?.[1];
  if (status === 0 && last === DONE) return;
  throw new GuestBuildError(`Debian's packages could not be configured:\n${printed.slice(-LAST_LINES)}`);
}
