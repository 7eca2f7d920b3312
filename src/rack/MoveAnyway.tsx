// On the card of a VM that cannot be moved within the limit: why, and what may be done about it.
import { Button } from '@patternfly/react-core';
import type { MouseEvent } from 'react';
import type { DowntimeQuestion, MigrationStatistics } from '../../engine/host/api.ts';
import { formatDuration } from '../format/format.ts';
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
        <Button size="sm" onClick={answer(() => moveAnyway(migration))}>
          Move anyway (about {formatDuration(question.downtimeMs)})
        </Button>
        <Button size="sm" variant="secondary" onClick={answer(() => cancelMigration(migration.vmId))}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

/** The buttons disappear with the answer; so that a keyboard user stays at the card, it gets the focus. */
function answer(give: () => Promise<void>) {
  return ({ currentTarget }: MouseEvent<HTMLElement>) => {
    currentTarget.closest('article')?.querySelector<HTMLElement>('.tv-grip')?.focus({ preventScroll: true });
    void give();
  };
}
