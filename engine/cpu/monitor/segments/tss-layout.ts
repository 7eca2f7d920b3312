// Offsets in a task-state segment, 32-bit and 16-bit (Intel SDM vol. 3 figures 7-2 and 7-10). General registers and segment
// registers lie in the order of the instruction encoding.

export const TSS_LINK: u32 = 0;

export const TSS32_SIZE: u32 = 104;
export const TSS32_CR3: u32 = 28;
export const TSS32_EIP: u32 = 32;
export const TSS32_EFLAGS: u32 = 36;
export const TSS32_GPR: u32 = 40;
export const TSS32_SEGMENTS: u32 = 72;
export const TSS32_LDT: u32 = 96;
/** Bit 0: raise #DB on a switch to this task. */
export const TSS32_TRAP: u32 = 100;

export const TSS16_SIZE: u32 = 44;
export const TSS16_IP: u32 = 14;
export const TSS16_FLAGS: u32 = 16;
export const TSS16_GPR: u32 = 18;
export const TSS16_SEGMENTS: u32 = 34;
export const TSS16_LDT: u32 = 42;
