// Ports and bits of the 82077AA and 82078 (Intel data sheets 290166 and 290474), in PC AT mode.

import type { DataRate } from '../../bus/floppy-formats.ts';

/** Ports from 3F0h on. */
export const FDC_BASE = 0x3f0;
export const DOR = 2; // digital output
export const TDR = 3; // tape drive
export const MSR = 4; // main status; data rate select when written
export const FIFO = 5;
export const DIR = 7; // digital input; configuration control when written

export const DOR_UNIT = 0x03;
export const DOR_RUN = 0x04; // RESET#
export const DOR_DMA_GATE = 0x08; // lets INT and DRQ out
export const TDR_UNIT = 0x03;
export const MSR_READY = 0x80; // RQM
export const MSR_TO_HOST = 0x40; // DIO
export const MSR_NON_DMA = 0x20;
export const MSR_BUSY = 0x10; // CB
export const DSR_RESET = 0x80;
export const DSR_POWER_DOWN = 0x40;
export const DSR_RATE = 0x03;
export const DIR_CHANGED = 0x80; // DSKCHG

/** kbit/s by DRATE1..0 (82077AA, data rates). */
export const RATES: readonly DataRate[] = [500, 300, 250, 1000];
export const RATE_AFTER_RESET = 2;

// Status registers 0..3 (82077AA, status register encoding)
export const ST0_ABNORMAL = 0x40;
export const ST0_INVALID = 0x80;
export const ST0_POLLED = 0xc0; // ready line changed while polling: after a reset
export const ST0_SEEK_END = 0x20;
export const ST0_EQUIPMENT_CHECK = 0x10;
export const ST1_END_OF_CYLINDER = 0x80;
export const ST1_DATA_ERROR = 0x20;
export const ST1_NO_DATA = 0x04;
export const ST1_NOT_WRITABLE = 0x02;
export const ST1_MISSING_ADDRESS_MARK = 0x01;
export const ST2_CONTROL_MARK = 0x40;
export const ST2_DATA_ERROR = 0x20;
export const ST2_SCAN_EQUAL = 0x08;
export const ST2_SCAN_NOT_SATISFIED = 0x04;
export const ST3_WRITE_PROTECTED = 0x40;
export const ST3_TRACK_0 = 0x10;
/** Ready and two-sided: not connected, high (82077AA, ST3). */
export const ST3_ALWAYS = 0x28;

// Parameters of commands
export const HEAD = 0x04; // HDS, beside the unit in bits 1..0
export const UNIT = 0x03;
export const SEEK_IN = 0x40; // DIR of RELATIVE SEEK, in the command's first byte
export const SPECIFICATION_NO_RESULT = 0x40; // NRP
export const SPECIFY_NON_DMA = 0x01;
export const CONFIGURE_NO_FIFO = 0x20; // EFIFO
export const CONFIGURE_NO_POLL = 0x10;
export const CONFIGURE_THRESHOLD = 0x0f; // FIFOTHR, less one
/** EIS and POLL: no reset by software changes them. */
export const CONFIGURE_UNLOCKED = 0x50;
export const CONFIGURE_MASK = 0x7f;
export const PERPENDICULAR_OVERWRITE = 0x80;
export const PERPENDICULAR_DRIVES = 0x3c;
export const PERPENDICULAR_MASK = 0x3f;
export const VERIFY_COUNTS = 0x80; // EC

/** What VERSION answers for every controller with the enhanced commands. */
export const VERSION_82077 = 0x90;
/** 82078 with 44 pins, stepping 1. */
export const PART_82078_44 = 0x41;
