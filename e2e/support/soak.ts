// How much of the same: in the soak (`npm run soak`) tests go on for longer than every change can wait for.

/** Is this the soak? */
export const SOAK = Boolean(process.env.SOAK);

/** @returns `soak` in the soak, else `usual` */
export function amount<T>(usual: T, soak: T): T {
  return SOAK ? soak : usual;
}
