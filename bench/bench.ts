// npm run bench: measures, prints tables, and keeps the values in build/bench/.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ensureEngine } from '../scripts/build-engine.ts';
import { HELP, parseOptions, UsageError } from './options.ts';
import { formatReport } from './report.ts';
import { runRounds } from './rounds.ts';
import { Results } from './suites/results.ts';

const FOLDER = fileURLToPath(new URL('../build/bench/', import.meta.url));

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) {
    process.stdout.write(HELP);
    return 0;
  }
  await ensureEngine();
  const results = new Results();
  try {
    await runRounds(options, results, (line) => process.stderr.write(`${line}\n`));
  } finally {
    // What was measured before something failed is kept as well.
    keep(results);
    process.stdout.write(formatReport(results));
  }
  return 0;
}

function keep({ rows, remarks, figures }: Results): void {
  mkdirSync(FOLDER, { recursive: true });
  const at = new Date().toISOString();
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  const file = `${FOLDER}${at.replaceAll(':', '-')}.json`;
  writeFileSync(file, `${JSON.stringify({ at, machine, rows, remarks, figures }, undefined, 2)}\n`);
  process.stderr.write(`bench: values in ${file}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`bench: ${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
