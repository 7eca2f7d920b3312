// What each blade says about the card that hangs over it.
import type { Answers } from '../operations/admissions.ts';

export type Verdict =
  | { kind: 'source' }
  | { kind: 'asking' }
  | { kind: 'silent'; text: string }
  | { kind: 'fits'; text: string }
  | { kind: 'refuses'; text: string };

/** @param silence that the host does not respond, if it does not */
export function verdictOf(
  hostId: string,
  sourceHostId: string,
  answers: Answers,
  silence: string | undefined,
): Verdict {
  if (hostId === sourceHostId) return { kind: 'source' };
  if (silence) return { kind: 'silent', text: silence };
  if (!(hostId in answers)) return { kind: 'asking' };
  const refusal = answers[hostId];
  return refusal === undefined
    ? { kind: 'fits', text: 'It fits: drop to migrate' }
    : { kind: 'refuses', text: refusal };
}

/** The verdict in words, for a screen reader. */
export function verdictText(verdict: Verdict): string {
  if (verdict.kind === 'source') return 'It is here';
  if (verdict.kind === 'asking') return 'Asking the host…';
  return verdict.kind !== 'refuses' ? verdict.text : `Does not fit: ${verdict.text}`;
}
