// Extensions of the instruction set, by the names that the opcode tables use, and the bit of CPUID that announces each.
// Source: Intel SDM vol. 2 CPUID; AMD64 Architecture Programmer's Manual vol. 3 appendix D and E.

export interface FeatureBit {
  /** EAX and ECX for CPUID. */
  readonly leaf: number;
  readonly subleaf: number;
  readonly register: 'ebx' | 'ecx' | 'edx' | 'eax';
  readonly bit: number;
}

function bit(leaf: number, register: FeatureBit['register'], position: number, subleaf = 0): FeatureBit {
  return { leaf, subleaf, register, bit: position };
}

const STRUCTURED = 7;
const EXTENDED = 0x80000001;
const SIZES = 0x80000008;

/** `needs base` in a table: what every processor of this family has. */
export const BASE = 'base';

export const FEATURES = {
  FPU: bit(1, 'edx', 0),
  TSC: bit(1, 'edx', 4),
  MSR: bit(1, 'edx', 5),
  CX8: bit(1, 'edx', 8),
  SEP: bit(1, 'edx', 11),
  CMOV: bit(1, 'edx', 15),
  CLFSH: bit(1, 'edx', 19),
  MMX: bit(1, 'edx', 23),
  FXSR: bit(1, 'edx', 24),
  SSE: bit(1, 'edx', 25),
  SSE2: bit(1, 'edx', 26),
  SSE3: bit(1, 'ecx', 0),
  PCLMULQDQ: bit(1, 'ecx', 1),
  MONITOR: bit(1, 'ecx', 3),
  VMX: bit(1, 'ecx', 5),
  SMX: bit(1, 'ecx', 6),
  SSSE3: bit(1, 'ecx', 9),
  SSE4_1: bit(1, 'ecx', 19),
  SSE4_2: bit(1, 'ecx', 20),
  MOVBE: bit(1, 'ecx', 22),
  POPCNT: bit(1, 'ecx', 23),
  AESNI: bit(1, 'ecx', 25),
  XSAVE: bit(1, 'ecx', 26),
  AVX: bit(1, 'ecx', 28),
  RDRAND: bit(1, 'ecx', 30),
  SGX: bit(STRUCTURED, 'ebx', 2),
  INVPCID: bit(STRUCTURED, 'ebx', 10),
  RTM: bit(STRUCTURED, 'ebx', 11),
  AVX512F: bit(STRUCTURED, 'ebx', 16),
  RDSEED: bit(STRUCTURED, 'ebx', 18),
  ADX: bit(STRUCTURED, 'ebx', 19),
  SMAP: bit(STRUCTURED, 'ebx', 20),
  CLFLUSHOPT: bit(STRUCTURED, 'ebx', 23),
  CLWB: bit(STRUCTURED, 'ebx', 24),
  SHA: bit(STRUCTURED, 'ebx', 29),
  PKU: bit(STRUCTURED, 'ecx', 3),
  WAITPKG: bit(STRUCTURED, 'ecx', 5),
  CET_SS: bit(STRUCTURED, 'ecx', 7),
  GFNI: bit(STRUCTURED, 'ecx', 8),
  RDPID: bit(STRUCTURED, 'ecx', 22),
  MOVDIRI: bit(STRUCTURED, 'ecx', 27),
  MOVDIR64B: bit(STRUCTURED, 'ecx', 28),
  ENQCMD: bit(STRUCTURED, 'ecx', 29),
  SERIALIZE: bit(STRUCTURED, 'edx', 14),
  PCONFIG: bit(STRUCTURED, 'edx', 18),
  XSAVEOPT: bit(0xd, 'eax', 0, 1),
  XSAVES: bit(0xd, 'eax', 3, 1),
  XSAVEC: bit(0xd, 'eax', 1, 1),
  SVM: bit(EXTENDED, 'ecx', 2),
  SSE4A: bit(EXTENDED, 'ecx', 6),
  XOP: bit(EXTENDED, 'ecx', 11),
  MONITORX: bit(EXTENDED, 'ecx', 29),
  SYSCALL: bit(EXTENDED, 'edx', 11),
  RDTSCP: bit(EXTENDED, 'edx', 27),
  '3DNOW': bit(EXTENDED, 'edx', 31),
  CLZERO: bit(SIZES, 'ebx', 0),
  RDPRU: bit(SIZES, 'ebx', 4),
} as const;

export type Feature = keyof typeof FEATURES | typeof BASE;

/** @throws Error for a name that there is not. */
export function featureNamed(name: string): Feature {
  if (name !== BASE && !(name in FEATURES)) throw new Error(`no feature is called ${name}`);
  return name as Feature;
}
