// What a machine boots from, as its owner asks for it and as firmware is told.

/** What firmware looks at for something to boot. */
export const BOOT_DEVICES = ['floppy', 'disk', 'cdrom', 'network'] as const;
export type BootDevice = (typeof BOOT_DEVICES)[number];

/** Structured-cloneable. */
export interface BootOptions {
  /** Firmware's own order if left out: disk, floppy, CD. */
  order?: readonly BootDevice[];
  /** In place of `order` for the first boot after power-on. */
  once?: readonly BootDevice[];
  /** Firmware offers to choose. */
  menu?: boolean;
  /** For how long it does, 0 to 65,535 ms; firmware's own time (2.5 s) if left out. */
  menuWaitMs?: number;
  /** Only what is in the order is tried. */
  strict?: boolean;
  /** ms, 0 to 65,535, after which a machine that found nothing to boot is reset; it stays so if left out. */
  retryMs?: number;
}

/** What QEMU's firmware interface (fw_cfg) tells of a machine beside its memory and processors. */
export interface FirmwareConfiguration {
  uuid: Uint8Array;
  /** There is a display adapter; without one firmware speaks over COM1. */
  hasDisplay: boolean;
  bootMenu: boolean;
  /** By name, at most 55 ASCII characters. */
  files: ReadonlyMap<string, Uint8Array>;
}
