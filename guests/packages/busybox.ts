// Which applets a busybox binary contains, read from the binary itself: it is an i386 program, and this machine may not be
// able to run it. busybox keeps the names (applet_names in its include/applet_tables.h) as one run of NUL-terminated
// strings in ASCII order, so `[` and `[[` come first.
import { GuestBuildError } from './errors.ts';

const FIRST_NAMES = '\0[\0[[\0';
const NAME = /^[a-z0-9[][a-z0-9_.[-]*$/;
/** Without these it is no system; a run of strings that lacks them was not the table. */
const REQUIRED = ['sh', 'mount', 'setsid', 'cttyhack', 'poweroff', 'sleep', 'dd', 'sha256sum', 'uptime'];

/** The applet names in the table's order. Throws GuestBuildError if the binary has no such table. */
export function busyboxApplets(binary: Uint8Array): string[] {
  const bytes = Buffer.from(binary.buffer, binary.byteOffset, binary.byteLength);
  const table = bytes.indexOf(FIRST_NAMES, 0, 'latin1');
  const names: string[] = [];
  if (table >= 0) {
    let start = table + 1;
    for (;;) {
      const end = bytes.indexOf(0, start);
      const name = end < 0 ? '' : bytes.toString('latin1', start, end);
      const previous = names.at(-1);
      if (!NAME.test(name) || (previous !== undefined && name <= previous)) break;
      names.push(name);
      start = end + 1;
    }
  }
  const missing = REQUIRED.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new GuestBuildError(
      `This busybox lists no ${missing.join(', ')}: it is not the build of busybox-static that the recipe knows.`,
    );
  }
  return names;
}
