// Programs for i386 Linux on the machine at hand: not every kernel takes them.
import { spawnSync } from 'node:child_process';

/** What a shell returns for a file that the kernel does not execute. */
const NOT_EXECUTABLE = 126;

/**
 * Does this machine run the program at `path`, which ends by itself if given no argument? Asked through bash: where the
 * kernel does not know a file's format, exec functions of the C library (so Node too) have sh read it as a script, in which any byte may be
 * a command; bash recognises a binary.
 */
export function runsHere(path: string): boolean {
  if (process.platform !== 'linux') return false;
  const { status } = spawnSync('bash', ['-c', 'exec "$0"', path], { stdio: 'ignore' });
  return status !== null && status !== NOT_EXECUTABLE;
}
