// Everything that happened, newest first.
import { formatTime } from '../format.ts';
import { useConsole } from '../state/store.ts';

const WORDS = { info: 'Info', success: 'Done', warning: 'Warning', danger: 'Error' } as const;

export function EventTable() {
  const events = useConsole((state) => state.events);
  return (
    <table className="tv-table">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Kind</th>
          <th scope="col">Target</th>
          <th scope="col" className="tv-wide">
            Event
          </th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id}>
            <td>{formatTime(event.at)}</td>
            <td className={`tv-event-${event.severity}`}>{WORDS[event.severity]}</td>
            <td>{event.target}</td>
            <td className="tv-wide">{event.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
