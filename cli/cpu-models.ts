// -cpu: QEMU's way to write a CPU, read into what a specification says of it (engine/vmkernel/spec/cpu-models.ts).

import { CPU_FEATURES, CPU_MODELS } from '../engine/vmkernel/spec/cpu-models.ts';
import type { CpuSpec } from '../engine/vmkernel/spec/spec.ts';
import { UsageError } from './common/usage-error.ts';

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

export const CPU_HELP = `Available CPUs:
${CPU_MODELS.map((name) => `  ${name}\n`).join('')}
Recognized CPUID flags:
  ${CPU_FEATURES.join(' ')}
`;

const VENDOR = 'vendor=GenuineIntel';

/** "model[,+feature|,-feature|,feature=on|off]…". Throws UsageError for unknown names. */
export function parseCpu(value: string): { cpu: CpuSpec; warnings: string[] } {
  const [name, ...changes] = value.split(',');
  if (name === 'host') {
    throw new UsageError('-cpu host: that takes KVM, and this CPU is emulated; "-cpu max" has all that it can do');
  }
  if (!CPU_MODELS.includes(name)) throw new UsageError(`-cpu ${name}: unknown CPU model ("-cpu help" lists them)`);
  const features: Record<string, boolean> = {};
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
    else if (CPU_FEATURES.includes(feature)) {
      features[feature] = on;
    } else if (!ABSENT.has(feature)) {
      throw new UsageError(`-cpu ${name}: unknown feature "${feature}"`);
    } else if (on) {
      warnings.push(`-cpu ${name}: this CPU has no ${feature}`);
    }
  }
  if (enforce && warnings.length > 0) throw new UsageError(`${warnings[0]}, and "enforce" insists`);
  return { cpu: { model: name, features }, warnings };
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
