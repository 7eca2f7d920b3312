// The pre-copy's rounds, one line each.
import type { MigrationStatistics } from '../../engine/host/api.ts';
import { formatBytes, formatCount, formatDuration } from '../format/format.ts';

export function MigrationRounds({ rounds }: { rounds: MigrationStatistics['rounds'] }) {
  return (
    <table className="tv-table tv-rounds">
      <thead>
        <tr>
          <th scope="col">Round</th>
          <th scope="col">Pages</th>
          <th scope="col">Dirty at its end</th>
          <th scope="col">Time</th>
          <th scope="col">On the wire</th>
        </tr>
      </thead>
      <tbody>
        {rounds.map((round, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a round is its number
          <tr key={n}>
            <td>{n + 1}</td>
            <td>{formatCount(round.pages)}</td>
            <td>{formatCount(round.dirty)}</td>
            <td>{formatDuration(round.ms)}</td>
            <td>{formatBytes(round.bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
