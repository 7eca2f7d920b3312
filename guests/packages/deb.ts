// Picks single files out of a .deb, without unpacking the rest of it to the disk.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { GuestBuildError } from './errors.ts';

/** In the order asked for. Each pattern must match one file, and their names must differ. Rejects with GuestBuildError. */
export async function filesOfDeb(deb: string, patterns: readonly string[]): Promise<Uint8Array[]> {
  const folder = mkdtempSync(join(tmpdir(), 'guest-'));
  try {
    const unpack = spawn('dpkg-deb', ['--fsys-tarfile', deb], { stdio: ['ignore', 'pipe', 'ignore'] });
    const flatten = ['--transform', 's,.*/,,'];
    const pick = spawn('tar', ['--extract', '--directory', folder, ...flatten, '--wildcards', ...patterns], {
      stdio: [unpack.stdout, 'ignore', 'ignore'],
    });
    // This process holds no end of the pipe, so that dpkg-deb notices when tar ends.
    unpack.stdout.destroy();
    await new Promise((resolve) => pick.on('close', resolve));
    return patterns.map((pattern) => {
      try {
        return readFileSync(join(folder, basename(pattern)));
      } catch {
        throw new GuestBuildError(`${deb} holds no ${pattern}, or could not be unpacked.`);
      }
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
