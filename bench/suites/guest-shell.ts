// Commands in the shell of a Linux guest, timed by the host's clock between two lines on the serial port.
import type { RunningGuests } from '../engines/engine.ts';
import { PROMPT } from '../images/images.ts';

/** Rates are measured for so long at least. */
const RATE_SECONDS = 3;
const LIMIT_MS = 240_000;

type Shells = Pick<RunningGuests, 'send' | 'waitFor'>;

/** Seconds that a command takes. Rejects if it fails. */
export async function timeCommand(guests: Shells, guest: number, command: string): Promise<number> {
  // The quotes keep the echo of what is typed from looking like the output.
  await guests.send(`echo @'begin.'; { ${command}; }; echo @'end' $? @\n`, guest);
  const begin = await guests.waitFor('@begin\\.', LIMIT_MS, guest);
  const end = await guests.waitFor('@end (\\d+) @', LIMIT_MS, guest);
  await guests.waitFor(PROMPT, LIMIT_MS, guest);
  if (end.groups[1] !== '0') throw new Error(`In the guest, status ${end.groups[1]}: ${command}`);
  return (end.at - begin.at) / 1000;
}

/** How often a second it is done, one after the other. */
export async function commandsPerSecond(guests: Shells, guest: number, command: string): Promise<number> {
  let [times, seconds] = [0, 0];
  for (; seconds < RATE_SECONDS; times++) seconds += await timeCommand(guests, guest, command);
  return times / seconds;
}
