// Identities that several functions of the board share.

export const INTEL = 0x8086;

/** By this firmware tells QEMU's board, which this one is like, from others with the same chips. */
export const QEMU_SUBSYSTEM = { subsystemVendorId: 0x1af4, subsystemId: 0x1100 };
