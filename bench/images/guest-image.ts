// What a guest of the bench starts from.

/** A file that a guest starts from, as the programs and as the pages of the bench get at it. */
export interface ImageFile {
  path: string;
  /** Under the address of the bench's site. */
  url: string;
}

/** Every engine gets the same ones. */
export interface GuestImage {
  kernel: ImageFile;
  initrd: ImageFile;
  commandLine: string;
  memoryMiB: number;
  /** Whether it has a network card: the fastest that the engine offers. */
  network?: boolean;
}
