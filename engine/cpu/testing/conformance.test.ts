// The privileged CPU by the conformance kernel (conformance/README.md): its output in the interpreter and in the translator
// is conformance/expected.txt, and differs from QEMU's exactly where conformance/differences.txt says why.

import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { path, sourceHash } from '../../../conformance/files.ts';
import { differences, parseResults } from '../../../conformance/results.ts';
import type { ExecutorTuning } from '../executor/executor.ts';
import { engineModules } from './engine-modules.ts';
import { fewRegions } from './few-regions.ts';
import { runKernel } from './kernel-machine.ts';

/** Takes as long as all the rest of this file; other tests of eviction run each time. */
const WITH_FEW_REGIONS: [string, ExecutorTuning] = [
  'translated with room for few regions',
  { translate: 'always', translationLimits: fewRegions(150) },
];

let monitor: WebAssembly.Module;
let interpreter: WebAssembly.Module;
const kernel = new Uint8Array(readFileSync(path('kernel.elf')));
const text = (name: string) => readFileSync(path(name), 'utf8');

beforeAll(async () => {
  ({ monitor, interpreter } = await engineModules());
});

it('the kernel is built from its sources', () => {
  expect(new TextDecoder('latin1').decode(kernel)).toContain(sourceHash());
});

it.each<[string, ExecutorTuning]>([
  ['interpreted', { translate: 'never' }],
  ['translated', { translate: 'always' }],
  ...(process.env.SOAK ? [WITH_FEW_REGIONS] : []),
])('behaves as expected, %s', async (_, tuning) => {
  const output = runKernel(kernel, monitor, interpreter, tuning);
  await expect(output).toMatchFileSnapshot(path('expected.txt'));
});

it.each<[string, ExecutorTuning]>([
  ['interpreted', { translate: 'never' }],
  ['translated', { translate: 'hot' }],
])('behaves the same when its pages come late and go again, %s', (_, tuning) => {
  for (const seed of process.env.SOAK ? [1, 2, 3, 4, 5, 6] : [7]) {
    const output = runKernel(kernel, monitor, interpreter, tuning, seed * 0x2005);
    expect(output).toBe(text('expected.txt'));
  }
});

it('differs from QEMU where there is a reason, and nowhere else', () => {
  const explained = text('differences.txt')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(differences(text('expected.txt'), text('qemu.txt')).sort()).toEqual(explained.sort());
});

it('leaves out of QEMU’s run only cases that there are', () => {
  const cases = parseResults(text('expected.txt'));
  for (const name of text('qemu-left-out.txt').split('\n').filter(Boolean)) expect(cases.has(name), name).toBe(true);
});
