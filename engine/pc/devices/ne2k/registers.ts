// Registers of the NE2000 as a PCI card: National Semiconductor DP8390D (data sheet, "Internal Registers"), with the data and
// reset ports of the NE2000 and the identification of Realtek's RTL8029. Sixteen registers in four pages that the command
// register selects; offsets are from the card's base port.

export const COMMAND = 0x00;
export const DATA_PORT = 0x10;
export const RESET_PORT = 0x18; // to 1fh

// Page 0, reading
export const BOUNDARY = 0x03;
export const TRANSMIT_STATUS = 0x04;
export const INTERRUPT_STATUS = 0x07;
export const CURRENT_REMOTE_DMA = 0x08; // and 09h
export const ID0 = 0x0a;
export const ID1 = 0x0b;
export const RECEIVE_STATUS = 0x0c;

// Page 0, writing (and page 2, reading)
export const PAGE_START = 0x01;
export const PAGE_STOP = 0x02;
export const TRANSMIT_PAGE = 0x04;
export const TRANSMIT_COUNT = 0x05; // and 06h
export const REMOTE_ADDRESS = 0x08; // and 09h
export const REMOTE_COUNT = 0x0a; // and 0bh
export const RECEIVE_CONFIG = 0x0c;
export const TRANSMIT_CONFIG = 0x0d;
export const DATA_CONFIG = 0x0e;
export const INTERRUPT_MASK = 0x0f;

// Page 1
export const PHYSICAL_ADDRESS = 0x01; // to 06h
export const CURRENT_PAGE = 0x07;
export const MULTICAST_FILTER = 0x08; // to 0fh

// Page 3, RTL8029
export const CONFIG2 = 0x05;

export const CR_STOP = 0x01;
export const CR_START = 0x02;
export const CR_TRANSMIT = 0x04;
export const CR_REMOTE = 0x38;
export const CR_REMOTE_READ = 0x08;
export const CR_REMOTE_WRITE = 0x10;
export const CR_REMOTE_ABORT = 0x20;
export const CR_PAGE_SHIFT = 6;

export const ISR_RECEIVED = 0x01;
export const ISR_TRANSMITTED = 0x02;
export const ISR_REMOTE_DONE = 0x40;
export const ISR_RESET = 0x80; // a status, no interrupt

export const RCR_BROADCAST = 0x04;
export const RCR_MULTICAST = 0x08;
export const RCR_PROMISCUOUS = 0x10;
export const RCR_MONITOR = 0x20;

export const TCR_LOOPBACK = 0x06;
export const DCR_WORD = 0x01;
export const TSR_TRANSMITTED = 0x01;
export const RSR_INTACT = 0x01;
export const RSR_GROUP_ADDRESS = 0x20;

/** 'P' and 'C', by which drivers recognise the RTL8029. */
export const RTL8029_ID = [0x50, 0x43] as const;
export const CONFIG2_FULL_DUPLEX = 0x40;
