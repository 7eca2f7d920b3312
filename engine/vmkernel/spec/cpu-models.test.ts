import { expect, test } from 'vitest';
import { CPU_MODELS, cpuidChanges, cpuProblem, DEFAULT_CPU } from './cpu-models.ts';

const NOTHING_HIDDEN = { hiddenEdx: 0, hiddenEcx: 0, hiddenExtendedEdx: 0, hiddenLeaf7Ecx: 0, hiddenLeaf7Ebx: 0 };

test('the default CPU keeps SMAP back and nothing else', () => {
  expect(cpuidChanges(DEFAULT_CPU)).toEqual({ signature: 0, ...NOTHING_HIDDEN, hiddenLeaf7Ebx: 1 << 20 });
  expect(cpuidChanges({ model: 'max' })).toEqual({ signature: 0, ...NOTHING_HIDDEN });
});

test('a model tells less, and features come on top', () => {
  const cpu = cpuidChanges({ model: 'pentium3', features: { sse: false, 'sse4.2': true, nx: true } });
  expect(cpu.signature).toBe(0x673);
  expect(cpu.hiddenEdx >>> 25).toBe(3); // SSE, SSE2
  expect(cpu.hiddenExtendedEdx).toBe(1 << 27); // RDTSCP
  expect(cpu.hiddenEcx & (1 << 20)).toBe(0);
});

test('all but the oldest tell of a hypervisor', () => {
  const silent = CPU_MODELS.filter((model) => cpuidChanges({ model }).hiddenEcx >>> 31);
  expect(silent).toEqual(['486', 'base']);
});

test('what there is not is named', () => {
  expect(cpuProblem(DEFAULT_CPU)).toBeUndefined();
  expect(cpuProblem({ model: 'athlon' })).toBe('there is no CPU model "athlon"');
  expect(cpuProblem({ model: 'toString' })).toBe('there is no CPU model "toString"');
  expect(cpuProblem({ model: 'max', features: { avx: true } })).toBe('the CPU has no feature "avx"');
});
