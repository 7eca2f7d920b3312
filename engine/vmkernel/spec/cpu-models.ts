// CPUs by name: QEMU's models and features, as what CPUID reports and masks. This CPU has one set of application
// instructions; of those, a model of fewer features only reports less (cli/help.ts lists what is refused). Signatures and feature
// sets are those of QEMU 7.2's models, cut to what exists here.

import type { CpuSpec } from './spec.ts';

/** What CPUID says other than by itself: bits to mask, signature to report, 0 for this CPU's (cpu/abi/layout.ts, CPUID_*). */
export interface CpuidChanges {
  signature: number;
  hiddenEdx: number;
  hiddenEcx: number;
  hiddenExtendedEdx: number;
  hiddenLeaf7Ecx: number;
  hiddenLeaf7Ebx: number;
}

type Word = Exclude<keyof CpuidChanges, 'signature'>;

/** Features that exist here, by QEMU's name: the CPUID bit that reports them. */
const FEATURES: Readonly<Record<string, [word: Word, bit: number]>> = {
  fpu: ['hiddenEdx', 0],
  vme: ['hiddenEdx', 1],
  de: ['hiddenEdx', 2],
  pse: ['hiddenEdx', 3],
  tsc: ['hiddenEdx', 4],
  msr: ['hiddenEdx', 5],
  pae: ['hiddenEdx', 6],
  mce: ['hiddenEdx', 7],
  cx8: ['hiddenEdx', 8],
  apic: ['hiddenEdx', 9],
  sep: ['hiddenEdx', 11],
  mtrr: ['hiddenEdx', 12],
  pge: ['hiddenEdx', 13],
  mca: ['hiddenEdx', 14],
  cmov: ['hiddenEdx', 15],
  pat: ['hiddenEdx', 16],
  clflush: ['hiddenEdx', 19],
  mmx: ['hiddenEdx', 23],
  fxsr: ['hiddenEdx', 24],
  sse: ['hiddenEdx', 25],
  sse2: ['hiddenEdx', 26],
  pni: ['hiddenEcx', 0],
  ssse3: ['hiddenEcx', 9],
  'sse4.1': ['hiddenEcx', 19],
  'sse4.2': ['hiddenEcx', 20],
  popcnt: ['hiddenEcx', 23],
  hypervisor: ['hiddenEcx', 31],
  smep: ['hiddenLeaf7Ebx', 7],
  smap: ['hiddenLeaf7Ebx', 20],
  umip: ['hiddenLeaf7Ecx', 2],
  rdpid: ['hiddenLeaf7Ecx', 22],
  nx: ['hiddenExtendedEdx', 20],
  rdtscp: ['hiddenExtendedEdx', 27],
};
const BASE_486 = 'fpu';
const BASE_PENTIUM = `${BASE_486} de pse tsc msr mce cx8 mmx`;
const BASE_PENTIUM2 = `${BASE_PENTIUM} pae sep pge mca mtrr cmov pat fxsr apic`;
const BASE_PENTIUM3 = `${BASE_PENTIUM2} sse`;
const BASE_PENTIUM4 = `${BASE_PENTIUM3} sse2 clflush`;
const BASE_CORE = `${BASE_PENTIUM4} pni nx`;
const BASE_NEHALEM = `${BASE_CORE} vme ssse3 sse4.1 sse4.2 popcnt`;
const ALL = Object.keys(FEATURES).join(' ');

/** Signature (0: this CPU's own) and features. `hypervisor` is added to all but these two, as QEMU does. */
const WITHOUT_HYPERVISOR = new Set(['486', 'base']);
const MODELS: Readonly<Record<string, [signature: number, features: string]>> = {
  max: [0, ALL],
  base: [0, ''],
  qemu32: [0x663, `${BASE_PENTIUM} pae sep pge cmov pat fxsr apic sse sse2 pni`],
  kvm32: [0xf61, `${BASE_PENTIUM4} pni`],
  qemu64: [0xf61, BASE_CORE],
  kvm64: [0xf61, `${BASE_CORE} vme`],
  '486': [0x480, `${BASE_486} vme pse`],
  pentium: [0x543, `${BASE_PENTIUM} vme`],
  pentium2: [0x652, `${BASE_PENTIUM2} vme`],
  pentium3: [0x673, `${BASE_PENTIUM3} vme`],
  coreduo: [0x6e8, `${BASE_CORE} vme`],
  n270: [0x106c2, `${BASE_CORE} vme ssse3`],
  core2duo: [0x6fb, `${BASE_CORE} vme ssse3`],
  Conroe: [0x6f3, `${BASE_CORE} vme ssse3`],
  Penryn: [0x10673, `${BASE_CORE} vme ssse3 sse4.1`],
  Nehalem: [0x106a3, BASE_NEHALEM],
  Westmere: [0x206c1, BASE_NEHALEM],
  SandyBridge: [0x206a1, `${BASE_NEHALEM} rdtscp`],
  IvyBridge: [0x306a9, `${BASE_NEHALEM} rdtscp smep`],
  Haswell: [0x306c4, `${BASE_NEHALEM} rdtscp smep`],
  Broadwell: [0x306d2, `${BASE_NEHALEM} rdtscp smep smap`],
  'Skylake-Client': [0x506e3, `${BASE_NEHALEM} rdtscp smep smap`],
};

/** All that this CPU has, but SMAP, which makes a Linux guest's system calls 6 % slower. */
export const DEFAULT_CPU: CpuSpec = { model: 'max', features: { smap: false } };

export const CPU_MODELS = Object.keys(MODELS);
export const CPU_FEATURES = Object.keys(FEATURES);

/** What is wrong with a CPU, as a sentence without its end, for the user; undefined if nothing is. */
export function cpuProblem({ model, features = {} }: CpuSpec): string | undefined {
  if (!Object.hasOwn(MODELS, model)) return `there is no CPU model "${model}"`;
  const unknown = Object.keys(features).find((name) => !Object.hasOwn(FEATURES, name));
  return unknown === undefined ? undefined : `the CPU has no feature "${unknown}"`;
}

/** Of a CPU in which nothing is wrong. */
export function cpuidChanges({ model, features = {} }: CpuSpec): CpuidChanges {
  const [signature, names] = MODELS[model];
  const told = new Set(names.split(' '));
  if (!WITHOUT_HYPERVISOR.has(model)) told.add('hypervisor');
  const changes: CpuidChanges = {
    signature,
    hiddenEdx: 0,
    hiddenEcx: 0,
    hiddenExtendedEdx: 0,
    hiddenLeaf7Ecx: 0,
    hiddenLeaf7Ebx: 0,
  };
  for (const [name, [word, bit]] of Object.entries(FEATURES)) {
    if (!(features[name] ?? told.has(name))) changes[word] = (changes[word] | (1 << bit)) >>> 0;
  }
  return changes;
}
