// The boot information table that ISOLINUX has in its image (mkisofs(8), "EL TORITO BOOT INFORMATION TABLE"): where on the CD it is.
import { GuestBuildError } from '../packages/errors.ts';

const TABLE = 8;
/** Where the program proper begins, which the checksum covers. */
const PROGRAM = 64;
const PRIMARY_DESCRIPTOR = 16;

/** Fills the table in. @param sector where the file begins */
export function addBootInformation(program: Uint8Array, sector: number): void {
  if (program.length <= PROGRAM) throw new GuestBuildError("isolinux.bin of Debian's isolinux is no boot program.");
  const whole = new Uint8Array(Math.ceil(program.length / 4) * 4);
  whole.set(program);
  const words = new DataView(whole.buffer);
  let sum = 0;
  for (let at = PROGRAM; at < whole.length; at += 4) sum = (sum + words.getUint32(at, true)) >>> 0;
  const view = new DataView(program.buffer, program.byteOffset, program.byteLength);
  program.fill(0, TABLE, PROGRAM);
  for (const [n, value] of [PRIMARY_DESCRIPTOR, sector, program.length, sum].entries())
    view.setUint32(TABLE + 4 * n, value, true);
}
