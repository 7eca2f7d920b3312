// What a port dropped, in a table's cell.
import type { PortStatus } from '../state/networks.ts';
import { dropsInWords, dropTotal } from './drop-words.ts';

export function Drops({ drops }: { drops: PortStatus['counters']['drops'] }) {
  if (dropTotal(drops) === 0) return <td className="tv-drops tv-quiet">none</td>;
  return (
    <td className="tv-drops">
      {dropsInWords(drops).map((words) => (
        <div key={words}>{words}</div>
      ))}
    </td>
  );
}
