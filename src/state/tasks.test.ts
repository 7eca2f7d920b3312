import { describe, expect, it } from 'vitest';
import { addTask, changeTask, TASKS_KEPT, type TaskRecord } from './tasks.ts';

const task = (id: string, change: Partial<TaskRecord> = {}): TaskRecord => ({
  id,
  label: 'Power on',
  targetId: 'vm',
  targetName: 'linux-1',
  status: 'running',
  cancellable: false,
  startedAt: 0,
  ...change,
});

describe('tasks', () => {
  it('shows the newest first', () => {
    const tasks = addTask(addTask([], task('old', { startedAt: 1 })), task('new', { startedAt: 2 }));
    expect(tasks.map((t) => t.id)).toEqual(['new', 'old']);
  });

  it('never drops a running task, however many have finished', () => {
    let tasks = addTask([], task('long', { startedAt: 1 }));
    for (let n = 0; n < TASKS_KEPT + 20; n++)
      tasks = addTask(tasks, task(`t${n}`, { startedAt: 2 + n, status: 'done' }));
    expect(tasks.some((t) => t.id === 'long')).toBe(true);
    expect(tasks.length).toBeLessThanOrEqual(TASKS_KEPT + 2);
  });

  it('does not change an ended task', () => {
    const ended = changeTask([task('a')], 'a', { status: 'cancelled' });
    expect(changeTask(ended, 'a', { status: 'failed', message: 'late' })).toEqual(ended);
  });
});
