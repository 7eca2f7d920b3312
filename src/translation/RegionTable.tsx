// The hottest regions of a VM, one a row; choosing one shows its code.
import type { RegionReport, RegionSummary } from '../../engine/host/api.ts';
import { formatBytes, formatCount, formatDuration, formatHex, formatMagnitude } from '../format/format.ts';

interface RegionTableProps {
  report: RegionReport;
  selected: number | undefined;
  onSelect(id: number): void;
}

export function RegionTable({ report, selected, onSelect }: RegionTableProps) {
  return (
    <div className="tv-regions">
      <table className="tv-table">
        <thead>
          <tr>
            <th scope="col">Share</th>
            <th scope="col">Entry</th>
            <th scope="col">Code</th>
            {['Instructions', 'Entries', 'Runs', 'Per run', 'WebAssembly', 'Made in'].map((name) => (
              <th key={name} scope="col" className="tv-number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {report.regions.map((region) => (
            <RegionRow
              key={region.id}
              region={region}
              share={report.executed > 0 ? region.executed / report.executed : 0}
              isSelected={region.id === selected}
              onSelect={() => onSelect(region.id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RegionRowProps {
  region: RegionSummary;
  /** 0..1 */
  share: number;
  isSelected: boolean;
  onSelect(): void;
}

function RegionRow({ region, share, isSelected, onSelect }: RegionRowProps) {
  const { linear, physical, user, bits, instructions, entries, runs, executed, wasmBytes, madeMs } = region;
  const figures = [
    formatCount(instructions),
    formatCount(entries),
    formatMagnitude(runs),
    runs > 0 ? formatMagnitude(Math.round(executed / runs)) : '–',
    formatBytes(wasmBytes),
    formatDuration(madeMs),
  ];
  return (
    <tr className={isSelected ? 'tv-region-selected' : undefined} onClick={onSelect}>
      <td className="tv-share">
        <span className="tv-share-bar" style={{ inlineSize: `${(share * 100).toFixed(1)}%` }} />
        <span>{(share * 100).toFixed(1)} %</span>
      </td>
      <td>
        <button
          type="button"
          className="tv-link tv-mono"
          aria-pressed={isSelected}
          aria-label={`Code of the region at ${formatHex(linear)}`}
          title={`Guest-physical ${formatHex(physical)}`}
        >
          {formatHex(linear)}
        </button>
      </td>
      <td>
        {user ? 'user' : 'kernel'}, {bits}-bit
      </td>
      {figures.map((text, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
        <td key={n} className="tv-number">
          {text}
        </td>
      ))}
    </tr>
  );
}
