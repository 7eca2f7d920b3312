// On the card of a VM that cannot be moved within the limit: why, and what may be done about it.
import { Button } from '@patternfly/react-core';
import type { DowntimeQuestion, MigrationStatistics } from '../../workers/api.ts';
import { formatDuration } from '../format.ts';
import { cancelMigration, moveAnyway } from '../operations/vm-operations.ts';

interface MoveAnywayProps {
  migration: MigrationStatistics;
  question: DowntimeQuestion;
}

export function MoveAnyway({ migration, question }: MoveAnywayProps) {
  return (
    // A press on a button of the card is not the beginning of a drag.
    <div className="tv-move-anyway" role="alert" onPointerDown={(event) => event.stopPropagation()}>
      <p>{question.reason}</p>
      <div className="tv-move-anyway-answers">
        <Button size="sm" onClick={() => void moveAnyway(migration)}>
          Move anyway (about {formatDuration(question.downtimeMs)})
        </Button>
        <Button size="sm" variant="secondary" onClick={() => void cancelMigration(migration.vmId)}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
