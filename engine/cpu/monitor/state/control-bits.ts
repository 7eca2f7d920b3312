// Bits of the control registers, EFER and EFLAGS (Intel SDM vol. 3 §2.3, §2.5; vol. 4 for EFER).

export const CR0_PE: u32 = 1;
export const CR0_MP: u32 = 2;
export const CR0_EM: u32 = 4;
export const CR0_TS: u32 = 8;
export const CR0_ET: u32 = 0x10;
export const CR0_NE: u32 = 0x20;
export const CR0_WP: u32 = 0x10000;
export const CR0_AM: u32 = 0x40000;
export const CR0_NW: u32 = 0x20000000;
export const CR0_CD: u32 = 0x40000000;
export const CR0_PG: u32 = 0x80000000;

export const CR4_VME: u32 = 1;
export const CR4_PVI: u32 = 2;
export const CR4_TSD: u32 = 4;
export const CR4_DE: u32 = 8;
export const CR4_PSE: u32 = 0x10;
export const CR4_PAE: u32 = 0x20;
export const CR4_MCE: u32 = 0x40;
export const CR4_PGE: u32 = 0x80;
export const CR4_PCE: u32 = 0x100;
export const CR4_OSFXSR: u32 = 0x200;
export const CR4_OSXMMEXCPT: u32 = 0x400;
export const CR4_UMIP: u32 = 0x800;
export const CR4_SMEP: u32 = 0x100000;
export const CR4_SMAP: u32 = 0x200000;

/** In IA32_APIC_BASE. */
export const APIC_BASE_ENABLED: u32 = 0x800;

export const EFER_SCE: u32 = 1;
export const EFER_LMA: u32 = 0x400;
export const EFER_NXE: u32 = 0x800;

export const EFLAGS_CF: u32 = 1;
export const EFLAGS_FIXED: u32 = 2;
export const EFLAGS_PF: u32 = 4;
export const EFLAGS_AF: u32 = 0x10;
export const EFLAGS_ZF: u32 = 0x40;
export const EFLAGS_SF: u32 = 0x80;
export const EFLAGS_TF: u32 = 0x100;
export const EFLAGS_IF: u32 = 0x200;
export const EFLAGS_DF: u32 = 0x400;
export const EFLAGS_OF: u32 = 0x800;
export const EFLAGS_IOPL: u32 = 0x3000;
export const EFLAGS_NT: u32 = 0x4000;
export const EFLAGS_RF: u32 = 0x10000;
export const EFLAGS_VM: u32 = 0x20000;
export const EFLAGS_AC: u32 = 0x40000;
export const EFLAGS_VIF: u32 = 0x80000;
export const EFLAGS_VIP: u32 = 0x100000;
export const EFLAGS_ID: u32 = 0x200000;

export const EFLAGS_ARITHMETIC: u32 = 0x8d5;
