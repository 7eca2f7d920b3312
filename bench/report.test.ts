import { describe, expect, it } from 'vitest';
import { formatReport, formatTable } from './report.ts';
import { ANIMATION_SUITE } from './suites/animation.ts';
import { FIRMWARE_SUITE, FROM_DISK, FROM_FLOPPY } from './suites/firmware-boot.ts';
import { Results } from './suites/results.ts';

describe('formatTable', () => {
  it('aligns names to the left and figures to the right', () => {
    expect(
      formatTable([
        ['median', 'a'],
        ['x', '1.25'],
      ]),
    ).toBe('median     a\nx       1.25\n');
  });
});

describe('formatReport', () => {
  it('shows medians, ratios of medians and their geometric mean', () => {
    const results = new Results();
    for (const value of [9, 2, 3]) results.add('workloads', 'sieve', 's', 'v86-node', value);
    for (const value of [1, 1.5, 0.1]) results.add('workloads', 'sieve', 's', 'tabvisor-node', value);
    results.add('workloads', 'gzip', 's', 'v86-node', 12);
    results.add('workloads', 'gzip', 's', 'tabvisor-node', 1);
    results.add('idle', 'CPU', '% of a core', 'v86-node', 25);
    const lines = formatReport(results)
      .split('\n')
      .map((line) => line.trim().split(/\s{2,}/));
    expect(lines).toContainEqual(['workloads: sieve, s', '3.00', '1.00']);
    expect(lines).toContainEqual(['idle: CPU, % of a core', '25.0', '–']);
    expect(lines).toContainEqual(['sieve', '3.00']);
    expect(lines).toContainEqual(['geometric mean', '6.00']);
  });

  it('turns rates into times before it compares them, in a table of their own', () => {
    const results = new Results();
    results.add('network', 'file', 'Mbit/s', 'v86-chromium', 50);
    results.add('network', 'file', 'Mbit/s', 'tabvisor-chromium', 200);
    results.add('network', 'ping', 'ms', 'v86-chromium', 9);
    results.add('network', 'ping', 'ms', 'tabvisor-chromium', 1);
    results.add('boot', 'to the prompt', 's', 'v86-chromium', 20);
    results.add('boot', 'to the prompt', 's', 'tabvisor-chromium', 10);
    const tables = formatReport(results).split('\nratio');
    expect(tables[1]).toMatch(/^to the prompt +2\.00$/m);
    expect(tables[2]).toMatch(/^file +4\.00$/m);
    expect(tables[2]).toMatch(/^ping +9\.00$/m);
    expect(tables[2]).toMatch(/^geometric mean +6\.00$/m);
  });

  it('says of each aim that was measured whether it is met', () => {
    const results = new Results();
    results.add(FIRMWARE_SUITE, FROM_FLOPPY, 's', 'v86-chromium', 4);
    results.add(FIRMWARE_SUITE, FROM_FLOPPY, 's', 'tabvisor-chromium', 1);
    results.add(FIRMWARE_SUITE, FROM_DISK, 's', 'v86-chromium', 4);
    results.add(FIRMWARE_SUITE, FROM_DISK, 's', 'tabvisor-chromium', 3);
    const report = formatReport(results);
    expect(report).toMatch(/^firmware: floppy .*, Chromium +≤ 0\.5 of v86 +0\.250 of v86 +met *$/m);
    expect(report).toMatch(/^firmware: hard disk.*, Chromium +≤ 0\.5 of v86 +0\.750 of v86 +missed$/m);
    expect(report).not.toContain(', Node  ');
  });

  it('forms no ratios of what is over a baseline, which may be nothing', () => {
    const results = new Results();
    for (const column of ['v86-chromium', 'tabvisor-chromium'] as const) {
      results.add(ANIMATION_SUITE, 'cost', '% of a core', column, column === 'v86-chromium' ? -1 : 1);
      results.add(ANIMATION_SUITE, 'drawn', 'frames/s', column, 30);
    }
    const [medians, ratios] = formatReport(results).split('\nratio');
    expect(medians).toContain('cost');
    expect(ratios).not.toContain('cost');
    expect(ratios).toMatch(/^geometric mean +1\.00$/m);
  });

  it('compares nothing that only one engine did', () => {
    const results = new Results();
    results.add('boot', 'to the prompt', 's', 'qemu', 5);
    results.remark('tabvisor-node', 'it crashed');
    const report = formatReport(results);
    expect(report).not.toContain('ratio');
    expect(report).toContain('tabvisor-node: it crashed');
  });
});
