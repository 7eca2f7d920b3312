// Registers of the local APIC by offset in its page, and bits of them (Intel SDM vol. 3 table 10-1, §10.4-§10.8).

export const VERSION = 0x30;
export const TASK_PRIORITY = 0x80;
export const PROCESSOR_PRIORITY = 0xa0;
export const END_OF_INTERRUPT = 0xb0;
export const LOGICAL_DESTINATION = 0xd0;
export const DESTINATION_FORMAT = 0xe0;
export const SPURIOUS_VECTOR = 0xf0;
/** Eight registers of 32 vectors each, 10h apart; likewise the next two. */
export const IN_SERVICE = 0x100;
export const TRIGGER_MODE = 0x180;
export const REQUEST = 0x200;
export const ERROR_STATUS = 0x280;
export const COMMAND_LOW = 0x300;
export const COMMAND_HIGH = 0x310;
export const LVT_TIMER = 0x320;
export const LVT_LINT0 = 0x350;
export const LVT_ERROR = 0x370;
export const INITIAL_COUNT = 0x380;
export const CURRENT_COUNT = 0x390;
export const DIVIDE_CONFIGURATION = 0x3e0;

/** Six local vectors (highest entry 5), version 14h: integrated APIC. */
export const VERSION_VALUE = 0x00050014;
export const SOFTWARE_ENABLE = 0x100;
export const LVT_MASKED = 0x10000;
export const LVT_PERIODIC = 0x20000;
/** Mask, trigger mode, polarity, delivery mode, vector; timer mode too. */
export const LVT_WRITABLE = 0x3a7ff;
/** Unmasked, delivery mode ExtINT: interrupts of the 8259 pass, as firmware leaves it ("virtual wire"). */
export const VIRTUAL_WIRE = 0x700;
/** In the command register: the shorthand of two bits. */
export const SHORTHAND_SHIFT = 18;
export const SHORTHAND_SELF = 1;
export const SHORTHAND_ALL = 2;
