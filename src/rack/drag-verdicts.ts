// What each blade says about the card that hangs over it.
export type Verdict =
  | { kind: 'source' }
  | { kind: 'asking' }
  | { kind: 'fits'; text: string }
  | { kind: 'refuses'; text: string };

/** @param answers host id → why the VM does not fit, undefined where it fits; undefined while they are still out */
export function verdictOf(
  hostId: string,
  sourceHostId: string,
  answers: Record<string, string | undefined> | undefined,
): Verdict {
  if (hostId === sourceHostId) return { kind: 'source' };
  if (!answers || !(hostId in answers)) return { kind: 'asking' };
  const refusal = answers[hostId];
  return refusal === undefined
    ? { kind: 'fits', text: 'It fits: drop to migrate' }
    : { kind: 'refuses', text: refusal };
}

/** The verdict in words, for a screen reader. */
export function verdictText(verdict: Verdict): string {
  if (verdict.kind === 'source') return 'It is here';
  if (verdict.kind === 'asking') return 'Asking the host…';
  return verdict.kind === 'fits' ? verdict.text : `Does not fit: ${verdict.text}`;
}
