// The same port accesses as to QEMU's isa-fdc (testing/scenarios.ts; recorded by testing/record-qemu.ts) with the same answers,
// but for what testing/qemu-differences.ts names.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TestDrive } from '../testing/test-drive.ts';
import { FloppyBench } from './testing/floppy-bench.ts';
import { DIFFERENCES } from './testing/qemu-differences.ts';
import { checksum, image, SCENARIOS, type Scenario } from './testing/scenarios.ts';

const TRACE: Record<string, number[]> = JSON.parse(
  readFileSync(new URL('./testing/qemu-trace.json', import.meta.url), 'utf8'),
);

function replay({ kb, readOnly, steps }: Scenario): number[] {
  const drive = new TestDrive(kb === undefined ? undefined : image(kb), readOnly);
  const bench = new FloppyBench([drive]);
  const answers: number[] = [];
  let rises = 0;
  for (const step of steps) {
    switch (step.do) {
      case 'out':
        bench.out(step.port, step.value);
        break;
      case 'in':
        answers.push(bench.in(step.port));
        break;
      case 'irq':
        answers.push(bench.irq.rises > rises ? 1 : 0);
        rises = bench.irq.rises;
        break;
      case 'wait':
        bench.settle();
        break;
      case 'fill':
        for (let i = 0; i < step.times; i++) bench.ram.bytes.set(step.bytes, step.address + i * step.bytes.length);
        break;
      case 'memory':
        answers.push(checksum(bench.ram.bytes.subarray(step.address, step.address + step.length)));
        break;
      case 'disk':
        answers.push(checksum(drive.bytes.subarray(step.sector * 512, step.sector * 512 + 512)));
    }
  }
  return answers;
}

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
  const expected = [...TRACE[name]];
  for (const { at, ours } of DIFFERENCES[name] ?? []) {
    expect(ours, `${name}: no difference at ${at}`).not.toBe(expected[at]);
    expected[at] = ours;
  }
  expect(replay(scenario)).toEqual(expected);
});

test('every scenario is recorded, and every difference is of one', () => {
  const names = SCENARIOS.map(({ name }) => name);
  expect(Object.keys(TRACE)).toEqual(names);
  expect(names).toEqual(expect.arrayContaining(Object.keys(DIFFERENCES)));
});
