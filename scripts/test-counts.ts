// How many tests passed and failed, from the JSON reports of vitest (Jest's format) and Playwright (JSONReport). A runner
// that left no report, or a file that could not even be loaded, counts as one failed test: nothing failed is not the same
// as nothing ran.
import { existsSync, readFileSync } from 'node:fs';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface VitestReport {
  testResults: { status: string; assertionResults: { status: string }[] }[];
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  errors: unknown[];
}

export function vitestCounts(path: string): Counts {
  const report = read<VitestReport>(path);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const withStatus = (...wanted: string[]) => tests.filter(({ status }) => wanted.includes(status)).length;
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  return {
    passed: withStatus('passed'),
    failed: withStatus('failed') + unloaded.length,
    skipped: withStatus('pending', 'skipped', 'todo'),
  };
}

export function playwrightCounts(path: string): Counts {
  const report = read<PlaywrightReport>(path);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected + flaky, failed: unexpected + report.errors.length, skipped };
}

function read<Report>(path: string): Report | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Report) : undefined;
}
