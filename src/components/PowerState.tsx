// A VM's state as a word with its mark: never by colour alone.
import type { VmState } from '../state/vm-state.ts';
import './PowerState.css';

const LABELS: Record<VmState, string> = {
  off: 'Off',
  starting: 'Starting',
  running: 'Running',
  paused: 'Paused',
  migrating: 'Migrating',
  crashed: 'Crashed',
  panicked: 'Panicked',
  halted: 'Halted',
  unknown: 'Unknown',
};

export function PowerState({ power }: { power: VmState }) {
  return (
    <span className={`tv-power tv-power-${power}`}>
      <PowerMark power={power} />
      {LABELS[power]}
    </span>
  );
}

/** The mark alone, where the word stands elsewhere. */
export function PowerMark({ power }: { power: VmState }) {
  return <span className={`tv-power-mark tv-power-${power}`} aria-hidden="true" />;
}
