// Recent tasks: target, what, how far, result, cancel. A migration's row leads to its report.
import { Button } from '@patternfly/react-core';
import { formatDuration, formatTime } from '../format/format.ts';
import { cancelTask } from '../operations/run-task.ts';
import { openTab } from '../operations/view-operations.ts';
import { useActiveMigration } from '../state/hooks.ts';
import { migrationProgress, reportKey, STAGE_LABELS, showReport } from '../state/migrations.ts';
import { update, useConsole } from '../state/store.ts';
import type { TaskRecord } from '../state/tasks.ts';
import { StatusMark } from './StatusMark.tsx';

export function TaskTable() {
  const tasks = useConsole((state) => state.tasks);
  if (tasks.length === 0) return <p className="tv-quiet tv-drawer-empty">Nothing has been done yet</p>;
  return (
    <table className="tv-table tv-tasks">
      <thead>
        <tr>
          <th scope="col" className="tv-col-task">
            Task
          </th>
          <th scope="col" className="tv-col-target">
            Target
          </th>
          <th scope="col" className="tv-col-status">
            Status
          </th>
          <th scope="col">Details</th>
          <th scope="col" className="tv-col-time">
            Started
          </th>
          <th scope="col" className="tv-col-time">
            Took
          </th>
          <th scope="col" className="tv-col-kind">
            <span className="tv-visually-hidden">Cancel</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </tbody>
    </table>
  );
}

function TaskRow({ task }: { task: TaskRecord }) {
  const { status, label, targetName, message, startedAt, endedAt, cancellable } = task;
  return (
    <tr onDoubleClick={() => openDetail(task)}>
      <td title={label}>{label}</td>
      <td title={targetName}>{targetName}</td>
      <td>
        <StatusMark status={status} />
      </td>
      <td title={message}>
        {status === 'running' ? <Progress task={task} /> : message}
        {isMigration(task) && status !== 'running' && (
          <Button className="tv-task-report" variant="link" size="sm" isInline onClick={() => openDetail(task)}>
            Report
          </Button>
        )}
      </td>
      <td>{formatTime(startedAt)}</td>
      <td>{endedAt ? formatDuration(endedAt - startedAt) : ''}</td>
      <td>
        {cancellable && status === 'running' && (
          <Button variant="link" size="sm" isInline onClick={() => void cancelTask(task.id)}>
            Cancel
          </Button>
        )}
      </td>
    </tr>
  );
}

/** How far a running task is: known of migrations, else just that it runs. */
function Progress({ task }: { task: TaskRecord }) {
  const migration = useActiveMigration(task.targetId);
  if (!migration || !isMigration(task)) return <progress aria-label={task.label} />;
  const { stage, round } = migration;
  return (
    <>
      <progress aria-label={task.label} value={migrationProgress(migration)} /> {STAGE_LABELS[stage]}
      {stage === 'precopy' && round > 0 ? `, round ${round}` : ''}
    </>
  );
}

function isMigration(task: TaskRecord): boolean {
  return task.label.startsWith('Migrate ');
}

/** A migration's report, or the tab of the object. */
function openDetail(task: TaskRecord): void {
  const { fleet, migrations } = useConsole.getState();
  if (isMigration(task)) {
    const report = migrations.reports.find(
      (r) => r.vmId === task.targetId && r.startedAt >= task.startedAt - 1 && r.startedAt <= (task.endedAt ?? Infinity),
    );
    if (!report) return;
    update('migrations', (state) => showReport(state, reportKey(report)));
    openTab({ kind: 'datacenter' });
  } else if (fleet.vms[task.targetId]) openTab({ kind: 'vm', id: task.targetId });
  else if (fleet.hosts[task.targetId]) openTab({ kind: 'host', id: task.targetId });
}
