// Identities that several functions of the board share.

export const INTEL = 0x8086;

/** By this, firmware distinguishes QEMU's board, which this one resembles, from others with the same chips. */
export const QEMU_SUBSYSTEM = { subsystemVendorId: 0x1af4, subsystemId: 0x1100 };
