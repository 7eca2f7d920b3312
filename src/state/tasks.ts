// Recent tasks: everything the console asked a host to do, with how it went. Pure functions over the list; running a task
// is operations/run-task.ts.

export type TaskStatus = 'running' | 'done' | 'failed' | 'cancelled';

export interface TaskRecord {
  id: string;
  label: string;
  targetId: string;
  targetName: string;
  status: TaskStatus;
  /** Why it failed, or what came of it. */
  message?: string;
  cancellable: boolean;
  /** Epoch ms. */
  startedAt: number;
  endedAt?: number;
}

/** Finished tasks kept in the list. */
export const TASKS_KEPT = 100;

export function addTask(tasks: TaskRecord[], task: TaskRecord): TaskRecord[] {
  const running = tasks.filter((t) => t.status === 'running');
  const finished = tasks.filter((t) => t.status !== 'running').slice(0, TASKS_KEPT);
  return [task, ...running, ...finished].sort((a, b) => b.startedAt - a.startedAt);
}

/** A task that has ended does not change any more. */
export function changeTask(tasks: TaskRecord[], id: string, change: Partial<TaskRecord>): TaskRecord[] {
  return tasks.map((task) => (task.id === id && task.status === 'running' ? { ...task, ...change } : task));
}
