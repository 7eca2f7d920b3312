// The migrations that the charts show as a table: how each went, and what the client noticed of it.
import { formatCount, formatDuration, formatTime } from '../format/format.ts';
import type { TimedReport } from '../reports/report-log.ts';
import { useConsole } from '../state/store.ts';
import { useMarks, useReports } from './hooks.ts';
import { effectOf, type MarkState, type MigrationMark } from './migration-marks.ts';

const WORDS: Record<MarkState, string> = {
  running: 'Under way',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};
const NOTHING = '–';

export function MigrationEffects({ vmId, seconds }: { vmId: string; seconds: number }) {
  const reports = useReports(vmId);
  const marks = useMarks(reports.at(-1)?.time ?? 0, seconds);
  return (
    <section className="tv-panel" aria-label="Migrations meanwhile">
      <h2>Migrations meanwhile</h2>
      {marks.length === 0 ? (
        <p className="tv-quiet">None in the time shown. Whichever VM moves, it is marked here and in the charts.</p>
      ) : (
        <table className="tv-table">
          <thead>
            <tr>
              <th scope="col">Started</th>
              <th scope="col">VM</th>
              <th scope="col">From → to</th>
              <th scope="col">Result</th>
              <th scope="col">Took</th>
              <th scope="col">Downtime</th>
              <th scope="col">Answers meanwhile</th>
              <th scope="col">Slowest answer</th>
              <th scope="col">Failures</th>
            </tr>
          </thead>
          <tbody>
            {marks.toReversed().map((mark) => (
              <MarkRow key={mark.key} mark={mark} reports={reports} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function MarkRow({ mark, reports }: { mark: MigrationMark; reports: readonly TimedReport[] }) {
  const names = useConsole((state) => state.fleet.hostNames);
  const effect = effectOf(mark, reports);
  const ms = (value: number | undefined) => (value === undefined ? NOTHING : formatDuration(value));
  return (
    <tr>
      <td>{formatTime(mark.from * 1000)}</td>
      <td>{mark.vmName}</td>
      <td>
        {names[mark.sourceHostId]} → {names[mark.targetHostId]}
      </td>
      <td>
        <span className={`tv-mark tv-mark-${mark.state}`} /> {WORDS[mark.state]}
      </td>
      <td>{formatDuration((mark.to - mark.from) * 1000)}</td>
      <td>{ms(mark.downtimeMs)}</td>
      <td>{effect ? formatCount(effect.answers) : NOTHING}</td>
      <td>{ms(effect?.slowestMs)}</td>
      <td className={effect && effect.failures > 0 ? 'tv-figure-bad' : undefined}>
        {effect ? formatCount(effect.failures) : NOTHING}
      </td>
    </tr>
  );
}
