// What a guest of the bench starts from. Every engine gets the same.

/** A file that a guest starts from, as the programs and as the pages of the bench get at it. */
export interface ImageFile {
  path: string;
  /** Under the address of the bench's site. */
  url: string;
}

export interface LinuxImage {
  kernel: ImageFile;
  initrd: ImageFile;
  commandLine: string;
}

/** Ours and QEMU's; v86 has no virtio-blk. */
export type DriveModel = 'floppy' | 'ide-hd' | 'virtio-blk';

/** What the guest writes is forgotten. */
export interface GuestDrive {
  model: DriveModel;
  image: ImageFile;
}

export interface GuestImage {
  /** Started by the engine itself; without it, SeaBIOS boots from a drive. */
  linux?: LinuxImage;
  /** At most one of each model. */
  drives?: readonly GuestDrive[];
  memoryMiB: number;
  /** Whether it has a network card: the fastest that the engine offers. */
  network?: boolean;
}
