// Everything that happened, newest first.
import { formatTime } from '../format/format.ts';
import { useConsole } from '../state/store.ts';

const WORDS = { info: 'Info', success: 'Done', warning: 'Warning', danger: 'Error' } as const;

export function EventTable() {
  const events = useConsole((state) => state.events);
  return (
    <table className="tv-table">
      <thead>
        <tr>
          <th scope="col" className="tv-col-time">
            Time
          </th>
          <th scope="col" className="tv-col-kind">
            Kind
          </th>
          <th scope="col" className="tv-col-target">
            Target
          </th>
          <th scope="col">Event</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id}>
            <td>{formatTime(event.at)}</td>
            <td className={`tv-event-${event.severity}`}>{WORDS[event.severity]}</td>
            <td title={event.target}>{event.target}</td>
            <td title={event.text}>{event.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
