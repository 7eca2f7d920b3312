// `npm run -s vm -- …`: runs one VM in Node with QEMU's option names. Guest serial on standard input and output.

import { forUsers } from '../engine/base/engine-failure.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { UsageError } from './common/usage-error.ts';
import { parseCommandLine, type RunnerOptions } from './options.ts';
import { run, STATUS_NOT_STARTED } from './runner.ts';
import { Terminal } from './terminal.ts';

const STATUS_USAGE = 2;

async function main(): Promise<number> {
  let options: RunnerOptions;
  try {
    const parsed = parseCommandLine(process.argv.slice(2));
    if (parsed.kind === 'help') {
      process.stdout.write(parsed.text);
      return 0;
    }
    options = parsed.options;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`vm: ${error.message}\nvm: -help lists the options.\n`);
    return STATUS_USAGE;
  }
  for (const warning of options.warnings) process.stderr.write(`vm: warning: ${warning}\n`);
  try {
    await ensureEngine();
    return await runOnTerminal(options);
  } catch (error) {
    process.stderr.write(`vm: ${forUsers('while starting the machine', error).message}\n`);
    return STATUS_NOT_STARTED;
  }
}

async function runOnTerminal(options: RunnerOptions): Promise<number> {
  const runner = await run(options, {
    print: (bytes) => process.stdout.write(bytes),
    tell: (line) => process.stderr.write(line.endsWith('\n') ? line : `${line}\n`),
  });
  const terminal = new Terminal(runner, options, (text) => process.stdout.write(text));
  const { stdin } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', (input: Buffer) => terminal.input(input));
  try {
    return await runner.finished;
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
  }
}

const status = await main();
// Worker threads and the open terminal would keep the process; what was printed is let out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
