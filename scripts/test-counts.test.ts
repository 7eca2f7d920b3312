import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { playwrightCounts, vitestCounts } from './test-counts.ts';

let folder: string;
let report: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'counts-'));
  report = join(folder, 'report.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const tests = (...statuses: string[]) => statuses.map((status) => ({ status }));

describe('vitestCounts', () => {
  it('counts tests by their status', () => {
    const testResults = [
      { status: 'passed', assertionResults: tests('passed', 'passed', 'skipped') },
      { status: 'failed', assertionResults: tests('passed', 'failed', 'failed') },
    ];
    writeFileSync(report, JSON.stringify({ testResults }));
    expect(vitestCounts(report)).toEqual({ passed: 3, failed: 2, skipped: 1 });
  });

  it('counts a file that did not load as a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    writeFileSync(report, JSON.stringify({ testResults }));
    expect(vitestCounts(report)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('playwrightCounts', () => {
  it('adds errors outside of tests to the failures', () => {
    const stats = { expected: 4, unexpected: 1, flaky: 0, skipped: 2 };
    writeFileSync(report, JSON.stringify({ stats, errors: [{ message: 'the server did not start' }] }));
    expect(playwrightCounts(report)).toEqual({ passed: 4, failed: 2, skipped: 2 });
  });
});

describe('without a report', () => {
  it('nothing passed and something failed', () => {
    expect(vitestCounts(report)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(playwrightCounts(report)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});
