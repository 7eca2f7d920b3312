// Which Firefox the smoke test drives: $FIREFOX, else Debian's firefox-esr, else a firefox in PATH. None is no error: the test
// is skipped then.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['firefox-esr', 'firefox'];

/** Path of a Firefox that starts, undefined where there is none. Throws if $FIREFOX is set to what is none. */
export function findFirefox(): string | undefined {
  const chosen = process.env.FIREFOX;
  if (chosen) {
    if (!starts(chosen)) throw new Error(`FIREFOX is set to ${chosen}, which does not start.`);
    return chosen;
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(
    (path) => isExecutable(path) && starts(path),
  );
}

function starts(path: string): boolean {
  return spawnSync(path, ['--version'], { timeout: 30_000 }).status === 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
