// How a task ended, as an icon with its word.
import { Spinner } from '@patternfly/react-core';
import BanIcon from '@patternfly/react-icons/dist/esm/icons/ban-icon';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import type { TaskStatus } from '../state/tasks.ts';

const WORDS: Record<TaskStatus, string> = {
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export function StatusMark({ status }: { status: TaskStatus }) {
  return (
    <span className={`tv-status tv-status-${status}`}>
      {status === 'running' && <Spinner size="sm" aria-hidden="true" />}
      {status === 'done' && <CheckCircleIcon />}
      {status === 'failed' && <ExclamationCircleIcon />}
      {status === 'cancelled' && <BanIcon />}
      {WORDS[status]}
    </span>
  );
}
