// The process that renders a page, to be stopped and let go on: what a browser's freezing of a tab, a debugger or an overloaded
// machine does to it, without any event in the page.
import type { Page } from '@playwright/test';

interface TraceEvent {
  name: string;
  args: { data?: { frames?: { processId: number; url: string }[] } };
}

/** The process id of the page's renderer: the start of a trace reports it (Chrome DevTools Protocol, Tracing). */
async function rendererOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  const includedCategories = ['disabled-by-default-devtools.timeline'];
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const frames = events.flatMap(({ args }) => args.data?.frames ?? []);
  const found = frames.find(({ url }) => url === page.url());
  if (!found) throw new Error(`The trace does not tell the process of ${page.url()}.`);
  return found.processId;
}

/** A tab whose process can be stopped. */
export class Stoppable {
  readonly #pid: number;

  private constructor(pid: number) {
    this.#pid = pid;
  }

  /** @throws Error if another of the pages would stop with it. */
  static async of(page: Page, others: readonly Page[]): Promise<Stoppable> {
    const pid = await rendererOf(page);
    for (const other of others) {
      if ((await rendererOf(other)) === pid) throw new Error(`${page.url()} and ${other.url()} have one process.`);
    }
    return new Stoppable(pid);
  }

  stop(): void {
    process.kill(this.#pid, 'SIGSTOP');
  }

  goOn(): void {
    process.kill(this.#pid, 'SIGCONT');
  }
}
