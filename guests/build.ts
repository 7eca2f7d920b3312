// npm run guests [-- NAME…]: makes the default guest images and those that are named, or says in one paragraph why it cannot.

import { parseArgs } from 'node:util';
import { ensureGuests } from './images.ts';
import { ON_DEMAND_GUESTS } from './on-demand.ts';
import { GuestBuildError } from './packages/errors.ts';

const STATUS_USAGE = 2;
const NAMES = Object.keys(ON_DEMAND_GUESTS);

const HELP = `npm run guests -- [NAME…]
  without a name: SeaBIOS and the guest "linux", which every set-up has
${Object.entries(ON_DEMAND_GUESTS)
  .map(([name, { what }]) => `  ${name.padEnd(12)} ${what}`)
  .join('\n')}
  --help       this text`;

/** Undefined if there is nothing to make; then the reason has been printed. */
function readNames(): string[] | undefined {
  try {
    const { values, positionals } = parseArgs({ options: { help: { type: 'boolean' } }, allowPositionals: true });
    if (values.help) {
      console.log(HELP);
      return undefined;
    }
    const unknown = positionals.find((name) => !NAMES.includes(name) && name !== 'linux');
    if (unknown !== undefined) throw new Error(`There is no guest "${unknown}".`);
    return positionals.filter((name) => name !== 'linux');
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exitCode = STATUS_USAGE;
    return undefined;
  }
}

async function make(names: readonly string[]): Promise<void> {
  const report = (line: string) => console.log(`guests: ${line}`);
  const { firmware, guests } = await ensureGuests(names, report);
  for (const { name, what, files } of [
    { ...firmware, what: firmware.version },
    ...guests.map((guest) => ({ ...guest, what: guest.os })),
  ]) {
    const size = Object.values(files).reduce((total, file) => total + file.size, 0);
    report(`${name} is ready (${what}, ${(size / 1e6).toFixed(1)} MB)`);
  }
}

try {
  const names = readNames();
  if (names) await make(names);
} catch (error) {
  if (!(error instanceof GuestBuildError)) throw error;
  console.error(`guests: ${error.message}`);
  process.exitCode = 1;
}
