// -cpu: QEMU's model names and feature names, as what CPUID is to keep back. This CPU has one set of application instructions; of
// those, a model of fewer features only says less (help.ts lists what it refuses). Signatures and feature sets are those of QEMU 7.2's models, cut to what exists here.

import type { CpuModel } from '../engine/vmkernel/vcpu/vcpu.ts';
import { UsageError } from './usage-error.ts';

type Word = 'hiddenEdx' | 'hiddenEcx' | 'hiddenExtendedEdx' | 'hiddenLeaf7Ecx' | 'hiddenLeaf7Ebx';

/** Features that exist here, by QEMU's name: where CPUID tells of them. */
const FEATURES: Record<string, [word: Word, bit: number]> = {
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
const ALIASES: Record<string, string> = {
  sse3: 'pni',
  sse4_1: 'sse4.1',
  sse4_2: 'sse4.2',
  'sse4-1': 'sse4.1',
  'sse4-2': 'sse4.2',
};

/** Features that QEMU knows and this CPU does not have: asking for one is answered with a warning, as QEMU does. */
const ABSENT = new Set(
  (
    'pse36 pn clfsh ds acpi ss ht tm ia64 pbe pclmulqdq dtes64 monitor ds-cpl vmx smx est tm2 cid fma cx16 ' +
    'xtpr pdcm pcid dca x2apic movbe tsc-deadline aes xsave osxsave avx f16c rdrand fsgsbase tsc-adjust bmi1 hle avx2 ' +
    'bmi2 erms invpcid rtm rdseed adx pku syscall lm pdpe1gb 3dnow 3dnowext mmxext lahf-lm svm abm sse4a la57 ' +
    'sha-ni clflushopt clwb kvmclock kvm pmu'
  ).split(' '),
);

/** Properties of QEMU's CPUs that are no features and change nothing of a CPU that is emulated. */
const WITHOUT_EFFECT =
  /^(host-phys-bits(-limit)?|check|migratable|(l3|legacy)-cache|host-cache-info|pmu|kvm(-.+)?|tcg-cpuid|cpuid-0xb|vmware-cpuid-freq|fill-mtrr-mask|full-cpuid-auto-level|hv-.+|x-.+)$/;
/** Those that would change what this CPU does not let be changed. */
const FIXED = new Set('phys-bits family model stepping model-id level min-level xlevel min-xlevel xlevel2'.split(' '));

const BASE_486 = 'fpu';
const BASE_PENTIUM = `${BASE_486} de pse tsc msr mce cx8 mmx`;
const BASE_PENTIUM2 = `${BASE_PENTIUM} pae sep pge mca mtrr cmov pat fxsr apic`;
const BASE_PENTIUM3 = `${BASE_PENTIUM2} sse`;
const BASE_PENTIUM4 = `${BASE_PENTIUM3} sse2 clflush`;
const BASE_CORE = `${BASE_PENTIUM4} pni nx`;
const BASE_NEHALEM = `${BASE_CORE} vme ssse3 sse4.1 sse4.2 popcnt`;
const ALL = Object.keys(FEATURES).join(' ');

/** Signature (0: this CPU's own) and features. `hypervisor` is added to all but 486, as QEMU does. */
const MODELS: Record<string, [signature: number, features: string]> = {
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

export const CPU_HELP = `Available CPUs:
${Object.keys(MODELS)
  .map((name) => `  ${name}\n`)
  .join('')}
Recognized CPUID flags:
  ${ALL}
`;

const VENDOR = 'vendor=GenuineIntel';

/** "model[,+feature|,-feature|,feature=on|off]…". Throws UsageError for names that nobody knows. */
export function parseCpu(value: string): { model: CpuModel; warnings: string[] } {
  const [name, ...changes] = value.split(',');
  if (name === 'host') {
    throw new UsageError('-cpu host: that takes KVM, and this CPU is emulated; "-cpu max" has all that it can do');
  }
  const known = Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
  if (!known) throw new UsageError(`-cpu ${name}: unknown CPU model ("-cpu help" lists them)`);
  const shown = new Set(known[1].split(' ').filter(Boolean));
  if (name !== '486' && name !== 'base') shown.add('hypervisor');
  const warnings: string[] = [];
  let enforce = false;
  for (const change of changes) {
    if (change.startsWith('vendor=')) {
      if (change !== VENDOR)
        throw new UsageError(`-cpu ${name}: "${change}" is not possible here, this CPU has ${VENDOR}`);
      continue;
    }
    const property = change.replace(/[=].*/, '').replaceAll('_', '-');
    if (WITHOUT_EFFECT.test(property.replace(/^[+-]/, ''))) continue;
    if (FIXED.has(property)) throw new UsageError(`-cpu ${name}: "${property}" cannot be changed here`);
    const { feature, on } = parseChange(change);
    if (feature === 'enforce') enforce = on;
    else if (Object.hasOwn(FEATURES, feature)) {
      if (on) shown.add(feature);
      else shown.delete(feature);
    } else if (!ABSENT.has(feature)) {
      throw new UsageError(`-cpu ${name}: unknown feature "${feature}"`);
    } else if (on) {
      warnings.push(`-cpu ${name}: this CPU has no ${feature}`);
    }
  }
  if (enforce && warnings.length > 0) throw new UsageError(`${warnings[0]}, and "enforce" insists`);
  const model: CpuModel = {
    signature: known[0],
    hiddenEdx: 0,
    hiddenEcx: 0,
    hiddenExtendedEdx: 0,
    hiddenLeaf7Ecx: 0,
    hiddenLeaf7Ebx: 0,
  };
  for (const [feature, [word, bit]] of Object.entries(FEATURES)) {
    if (!shown.has(feature)) model[word] = (model[word] | (1 << bit)) >>> 0;
  }
  return { model, warnings };
}

function parseChange(change: string): { feature: string; on: boolean } {
  const match = /^([+-]?)([^=]+)(?:=(on|off|true|false|yes|no))?$/.exec(change);
  if (!match) {
    throw new UsageError(`-cpu: "${change}" is not a feature: write +NAME, -NAME, NAME, NAME=on or NAME=off`);
  }
  const name = match[2].toLowerCase();
  return {
    feature: Object.hasOwn(ALIASES, name) ? ALIASES[name] : name,
    on: match[1] === '' ? /^(on|true|yes)$/.test(match[3] ?? 'on') : match[1] === '+',
  };
}
