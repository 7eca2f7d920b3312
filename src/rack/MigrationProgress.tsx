// What a card shows while its VM moves: ring, stage, round, what is still to go.
import type { MigrationStatistics } from '../../engine/host/api.ts';
import { SilentFor } from '../components/SilentFor.tsx';
import { formatCount, formatRate } from '../format/format.ts';
import { useActiveMigration, useHost, useHostName } from '../state/hooks.ts';
import { migrationProgress, STAGE_LABELS } from '../state/migrations.ts';
import { MoveAnyway } from './MoveAnyway.tsx';
import { ProgressRing } from './ProgressRing.tsx';

export function MigrationProgress({ vmId }: { vmId: string }) {
  const migration = useActiveMigration(vmId);
  const target = useHostName(migration?.targetHostId ?? '');
  const silence = useSilence(migration);
  if (!migration) return null;
  const { stage, round, remainingPages, throughputMbits } = migration;
  const title = stage === 'precopy' && round > 0 ? `Round ${round}` : STAGE_LABELS[stage];
  if (migration.question) return <MoveAnyway migration={migration} question={migration.question} />;
  return (
    <div className="tv-migrating">
      <ProgressRing progress={migrationProgress(migration)} label={`Migration to ${target}`} />
      <div>
        <div>
          {title} <span className="tv-quiet">→ {target}</span>
        </div>
        {silence ?? (
          <div className="tv-quiet">
            {formatCount(remainingPages)} pages to go · {formatRate(throughputMbits)}
          </div>
        )}
      </div>
    </div>
  );
}

/** What is known while one of the two hosts does not respond. Before the commit the VM is the source's. */
function useSilence(migration: MigrationStatistics | undefined) {
  const { sourceHostId = '', targetHostId = '', stage } = migration ?? {};
  const source = useHost(sourceHostId);
  const target = useHost(targetHostId);
  const silent = source?.silentSince !== undefined ? source : target?.silentSince !== undefined ? target : undefined;
  if (silent?.silentSince === undefined) return undefined;
  const { name } = silent.info;
  const handedOver = stage === 'commit' || stage === 'activate';
  const known = handedOver
    ? `The VM is being handed over: where it runs is known when ${name} answers. It never runs twice.`
    : silent === source
      ? `The VM stays on ${name} until it answers. It can be cancelled.`
      : `The VM stays on ${source?.info.name ?? 'its host'} unless ${name} answers soon.`;
  return (
    <div className="tv-migrating-silence">
      {name}: <SilentFor since={silent.silentSince} />
      <div className="tv-quiet">{known}</div>
    </div>
  );
}
