// How much of the same: in the soak (`npm run soak`) tests go on for longer than every change can wait for.

/** @returns `soak` in the soak, else `usual` */
export function amount(usual: number, soak: number): number {
  return process.env.SOAK ? soak : usual;
}
