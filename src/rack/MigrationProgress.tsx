// What a card shows while its VM moves: ring, stage, round, what is still to go.
import { formatCount, formatRate } from '../format.ts';
import { useActiveMigration, useHostName } from '../state/hooks.ts';
import { migrationProgress, STAGE_LABELS } from '../state/migrations.ts';
import { ProgressRing } from './ProgressRing.tsx';

export function MigrationProgress({ vmId }: { vmId: string }) {
  const migration = useActiveMigration(vmId);
  const target = useHostName(migration?.targetHostId ?? '');
  if (!migration) return null;
  const { stage, round, remainingPages, throughputMbits } = migration;
  const title = stage === 'precopy' && round > 0 ? `Round ${round}` : STAGE_LABELS[stage];
  return (
    <div className="tv-migrating">
      <ProgressRing progress={migrationProgress(migration)} label={`Migration to ${target}`} />
      <div>
        <div>
          {title} <span className="tv-quiet">→ {target}</span>
        </div>
        <div className="tv-quiet">
          {formatCount(remainingPages)} pages to go · {formatRate(throughputMbits)}
        </div>
      </div>
    </div>
  );
}
