import { describe, expect, it } from 'vitest';
import { formatReport, formatTable } from './report.ts';
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

  it('compares nothing that only one engine did', () => {
    const results = new Results();
    results.add('boot', 'to the prompt', 's', 'qemu', 5);
    results.remark('tabvisor-node', 'it crashed');
    const report = formatReport(results);
    expect(report).not.toContain('ratio');
    expect(report).toContain('tabvisor-node: it crashed');
  });
});
