// Consolidation: twenty idle guests on one host, in one tab. Do they boot, do they answer, what do they cost together?
import { startInTabs } from '../engines/page-guests.ts';
import { PROMPT, plainImage } from '../images/images.ts';
import { median } from '../measure/statistics.ts';
import { type Idle, recordIdle } from './boot-and-idle.ts';
import type { Results } from './results.ts';

const GUESTS = 20;
const MEMORY_MIB = 64;
const BOOT_LIMIT_MS = 540_000;
const ANSWER_LIMIT_MS = 60_000;
const COLUMN = 'tabvisor-chromium';

/** One round. `origin`: address of the bench's site. */
export async function runFleet(origin: string, results: Results, baseline: Idle): Promise<void> {
  const suite = `${GUESTS} guests of ${MEMORY_MIB} MiB`;
  const images = Array.from({ length: GUESTS }, () => plainImage(MEMORY_MIB));
  const guests = await startInTabs(origin, 'tabvisor', [[images]]);
  const all = Array.from({ length: GUESTS }, (_, guest) => guest);
  try {
    const prompts = await Promise.all(all.map((guest) => guests.waitFor(PROMPT, BOOT_LIMIT_MS, guest)));
    results.add(suite, 'the last prompt', 's', COLUMN, Math.max(...prompts.map(({ at }) => at)) / 1000);
    await recordIdle(guests, results, suite, COLUMN, baseline);
    const answers: number[] = [];
    for (const guest of all) {
      const asked = performance.now();
      await guests.send('echo $((6 * 7)).\n', guest);
      await guests.waitFor('42\\.', ANSWER_LIMIT_MS, guest);
      answers.push(performance.now() - asked);
    }
    results.add(suite, 'answer to a command, median', 'ms', COLUMN, median(answers));
    results.add(suite, 'answer to a command, slowest', 'ms', COLUMN, Math.max(...answers));
  } finally {
    await guests.stop();
  }
}
