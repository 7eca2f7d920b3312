// Runs something that a host does as a task: it shows in the drawer from its start, can be cancelled if it says how, and a
// failure stays on the screen until it is read.
import { withHostNames } from '../state/fleet.ts';
import { dropTopic } from '../state/notices.ts';
import { notify, record, update, useConsole } from '../state/store.ts';
import { addTask, changeTask, type TaskRecord } from '../state/tasks.ts';

export interface TaskSpec {
  label: string;
  targetId: string;
  targetName: string;
  /** What is tried, where the label says more; a notice of its failure goes when it is tried again. */
  topic?: string;
  /** Makes the work reject soon. */
  cancel?: () => Promise<void>;
}

const cancels = new Map<string, () => Promise<void>>();
const cancelled = new Set<string>();

/**
 * Never rejects: how it ended is in the task list.
 * @param work resolves with what came of it, in words, if anything
 * @returns whether the work was done
 */
export async function runTask(spec: TaskSpec, work: () => Promise<string | undefined>): Promise<boolean> {
  const { label, targetId, targetName, cancel } = spec;
  const id = crypto.randomUUID();
  const startedAt = Date.now();
  if (cancel) cancels.set(id, cancel);
  const topic = `${spec.topic ?? label} ${targetId}`;
  update('notices', (notices) => dropTopic(notices, topic));
  update('tasks', (tasks) =>
    addTask(tasks, {
      id,
      label,
      targetId,
      targetName,
      status: 'running',
      cancellable: cancel !== undefined,
      startedAt,
    }),
  );
  try {
    const result = await work();
    end(id, 'done', result);
    record('success', targetName, result ? `${label}: ${result}` : label);
    return true;
  } catch (error) {
    const message = withHostNames((error as Error).message, useConsole.getState().fleet);
    if (cancelled.has(id)) {
      end(id, 'cancelled', 'Cancelled');
      record('warning', targetName, `${label}: cancelled`);
    } else {
      end(id, 'failed', message);
      notify('danger', `${label} failed: ${targetName}`, message, targetId, topic);
    }
    return false;
  } finally {
    cancels.delete(id);
    cancelled.delete(id);
  }
}

export async function cancelTask(id: string): Promise<void> {
  const cancel = cancels.get(id);
  const task = useConsole.getState().tasks.find((t) => t.id === id);
  if (!cancel || !task) return;
  cancelled.add(id);
  try {
    await cancel();
  } catch (error) {
    cancelled.delete(id);
    notify(
      'warning',
      `${task.label} could not be cancelled: ${task.targetName}`,
      (error as Error).message,
      task.targetId,
    );
  }
}

function end(id: string, status: TaskRecord['status'], message: string | undefined): void {
  update('tasks', (tasks) => changeTask(tasks, id, { status, message, endedAt: Date.now() }));
}
