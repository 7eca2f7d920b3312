// npm test: everything that must hold before a change goes in. The last line counts the tests; the exit status is 0 only if
// every step succeeded.
import { readFileSync, rmSync } from 'node:fs';
import { ensureImages } from '../guests/images.ts';
import { ensureEngine } from './build-engine.ts';
import { ensureChromium } from './chromium.ts';
import { findFirefox } from './firefox.ts';
import { ensureSite } from './site.ts';
import { runSteps, type Step, tool, toolBehind } from './steps.ts';
import { type Counts, playwrightCounts, vitestCounts } from './test-counts.ts';

const manifest: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
/** Two TypeScripts are installed, and only one of them is node_modules/.bin/tsc (docs/decisions/017). */
const TSC = '../typescript-7/bin/tsc';
const UNIT_REPORT = 'test-results/unit.json';
const E2E_REPORT = 'test-results/e2e.json';
const FIREFOX_REPORT = 'test-results/firefox.json';

/** Of the steps that run tests, as far as they came. */
const results = new Map<string, Counts>();

/** Waits for a test runner, keeps its counts as those of `step`, and passes its verdict on. */
async function counted(
  step: string,
  runner: Promise<string>,
  counts: () => Counts,
): Promise<[output: string, remark: string]> {
  const output = await runner.finally(() => results.set(step, counts()));
  const { passed, skipped } = counts();
  return [output, `${passed} tests${skipped > 0 ? `, ${skipped} skipped` : ''}`];
}

/** What the tests print (downtime of a migration, say) is part of the result. */
async function playwright(step: string, report: string, args: string[], environment: Record<string, string> = {}) {
  const runner = tool('playwright', ['test', ...args], environment);
  const [output, remark] = await counted(step, runner, () => playwrightCounts(report));
  console.log(output.trimEnd());
  return remark;
}

/** A script of package.json that is one program and its arguments. */
function script(name: string): Promise<string> {
  const [program, ...args] = manifest.scripts[name].split(' ');
  return toolBehind(program, args);
}

let chromium = '';

// The engine is what takes longest of all that is done at once, and what the rest waits for: what does not wait gives way to it.
const steps: Step[] = [
  { name: 'engine', run: () => ensureEngine().then(silent) },
  { name: 'lint', run: () => toolBehind('biome', ['check', '--error-on-warnings', '.']).then(silent) },
  {
    name: 'types',
    async run() {
      const projects = ['tsconfig.json', 'tsconfig.engine.json', 'engine/cpu/monitor/tsconfig.json'];
      await Promise.all(projects.map((project) => toolBehind(TSC, ['-p', project])));
      return undefined;
    },
  },
  {
    name: 'layers',
    run: () => script('layers').then(silent),
  },
  { name: 'unused', run: () => toolBehind('knip', []).then(silent) },
  {
    name: 'guests',
    run: () => ensureImages(() => {}).then(({ guests }) => guests.map(({ os }) => os).join(', ')),
  },
  {
    name: 'unit',
    alone: true,
    needs: ['engine'],
    run: () =>
      counted(
        'unit',
        tool('vitest', ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${UNIT_REPORT}`]),
        () => vitestCounts(UNIT_REPORT),
      ).then(([, remark]) => remark),
  },
  { name: 'site', needs: ['engine'], run: () => ensureSite().then(silent) },
  {
    name: 'chromium',
    async run() {
      chromium = ensureChromium((line) => console.log(`      ${line}`));
      return chromium;
    },
  },
  {
    name: 'e2e',
    alone: true,
    needs: ['engine', 'guests', 'site', 'chromium'],
    run: () => playwright('e2e', E2E_REPORT, [], { CHROMIUM: chromium }),
  },
  {
    name: 'firefox',
    alone: true,
    needs: ['engine', 'guests', 'site'],
    async run() {
      if (findFirefox() === undefined) return 'skipped: no firefox-esr';
      return playwright('firefox', FIREFOX_REPORT, ['--config', 'playwright.firefox.config.ts']);
    },
  },
];

function silent(): undefined {}

for (const report of [UNIT_REPORT, E2E_REPORT, FIREFOX_REPORT]) rmSync(report, { force: true });
const failedSteps = await runSteps(steps);
if (failedSteps.length > 0) {
  console.log(`failed: ${failedSteps.join(', ')}`);
  process.exitCode = 1;
}
const passed = [...results.values()].reduce((sum, counts) => sum + counts.passed, 0);
// A failed step is at least one failure, whether it counts tests or not.
const failed = failedSteps.reduce((sum, step) => sum + Math.max(1, results.get(step)?.failed ?? 0), 0);
console.log(`${passed} passed, ${failed} failed`);
