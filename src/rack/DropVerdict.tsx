// The band across a blade while a card is dragged.
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import TimesCircleIcon from '@patternfly/react-icons/dist/esm/icons/times-circle-icon';
import { type Verdict, verdictText } from './drag-verdicts.ts';

export function DropVerdict({ verdict, isOver }: { verdict: Verdict; isOver: boolean }) {
  if (verdict.kind === 'source') return null;
  return (
    <div className={`tv-verdict tv-verdict-${verdict.kind} ${isOver ? 'tv-verdict-over' : ''}`}>
      {verdict.kind === 'fits' && <CheckCircleIcon />}
      {(verdict.kind === 'refuses' || verdict.kind === 'silent') && <TimesCircleIcon />}
      {verdictText(verdict)}
    </div>
  );
}
