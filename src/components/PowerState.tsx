// A power state as a word with its mark: never by colour alone.
import type { PowerState as Power } from '../../workers/api.ts';
import './PowerState.css';

const LABELS: Record<Power, string> = {
  off: 'Off',
  starting: 'Starting',
  running: 'Running',
  migrating: 'Migrating',
  crashed: 'Crashed',
};

export function PowerState({ power }: { power: Power }) {
  return (
    <span className={`tv-power tv-power-${power}`}>
      <PowerMark power={power} />
      {LABELS[power]}
    </span>
  );
}

/** The mark alone, where the word stands elsewhere. */
export function PowerMark({ power }: { power: Power }) {
  return <span className={`tv-power-mark tv-power-${power}`} aria-hidden="true" />;
}
