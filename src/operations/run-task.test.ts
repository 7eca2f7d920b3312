import '../testing/browser-globals.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { useConsole } from '../state/store.ts';
import { cancelTask, runTask } from './run-task.ts';

const spec = { label: 'Power on', targetId: 'vm', targetName: 'linux-1' };
const latest = () => useConsole.getState().tasks[0];

beforeEach(() => useConsole.setState({ tasks: [], notices: [], events: [] }));

describe('running a task', () => {
  it('shows it while it runs and what came of it', async () => {
    let during = '';
    const done = await runTask(spec, async () => {
      during = latest().status;
      return 'Downtime 9 ms';
    });
    expect(during).toBe('running');
    expect(done).toBe(true);
    expect(latest()).toMatchObject({ status: 'done', message: 'Downtime 9 ms' });
    expect(useConsole.getState().notices).toEqual([]);
  });

  it('leaves a failure on the screen, at the object it is about', async () => {
    const done = await runTask(spec, async () => {
      throw new Error('The kernel is not a bzImage.');
    });
    expect(done).toBe(false);
    expect(latest().status).toBe('failed');
    expect(useConsole.getState().notices).toMatchObject([
      { targetId: 'vm', severity: 'danger', detail: 'The kernel is not a bzImage.' },
    ]);
  });

  it('takes the failure away when it is tried again', async () => {
    await runTask(spec, () => Promise.reject(new Error('no room')));
    expect(useConsole.getState().notices).toHaveLength(1);
    await runTask({ ...spec, targetId: 'other' }, async () => undefined);
    expect(useConsole.getState().notices).toHaveLength(1);
    await runTask(spec, async () => undefined);
    expect(useConsole.getState().notices).toEqual([]);
  });

  it('tells a cancelled task from a failed one', async () => {
    let stop = () => {};
    const stopped = new Promise<void>((_, reject) => {
      stop = () => reject(new Error('cancelled by the host'));
    });
    const run = runTask({ ...spec, cancel: async () => stop() }, async () => {
      await stopped;
      return undefined;
    });
    await cancelTask(latest().id);
    expect(await run).toBe(false);
    expect(latest().status).toBe('cancelled');
    expect(useConsole.getState().notices).toEqual([]);
  });

  it('says so when it cannot be cancelled, and lets it go on', async () => {
    let finish = () => {};
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const cancel = () => Promise.reject(new Error('past the commit'));
    const run = runTask({ ...spec, cancel }, async () => {
      await finished;
      return undefined;
    });
    await cancelTask(latest().id);
    expect(latest().status).toBe('running');
    expect(useConsole.getState().notices[0].detail).toBe('past the commit');
    finish();
    expect(await run).toBe(true);
    expect(latest().status).toBe('done');
  });
});
