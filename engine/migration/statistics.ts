// What a live migration reports while it runs and when it ends: the figures of QEMU's `info migrate`. Plain data, sent to
// consoles as it is. Written only by the source's migration task.

export type MigrationStage =
  | 'preflight'
  | 'reservation'
  | 'precopy'
  | 'stop-and-copy'
  | 'commit'
  | 'activate'
  | 'completed'
  | 'failed'
  | 'cancelled';

/** One finished pre-copy round, or stop-and-copy as the last of them. */
export interface MigrationRound {
  /** Pages sent in the round, zero pages included. */
  pages: number;
  /** Pages found dirty at its end: the next round's work. */
  dirty: number;
  ms: number;
  /** Bytes on the wire. */
  bytes: number;
}

/** The guest cannot be moved within the limit: the user has to agree to a longer standstill, or the migration fails. */
export interface DowntimeQuestion {
  /** About how long the guest would stand still. */
  downtimeMs: number;
  limitMs: number;
  /** User-facing message: why so long. */
  reason: string;
  /** Without an answer by then the migration fails; ms since the epoch. */
  answerBy: number;
}

/** As in QEMU's `info migrate`. Bytes are bytes on the wire. */
export interface MigrationStatistics {
  vmId: string;
  vmName: string;
  sourceHostId: string;
  targetHostId: string;
  stage: MigrationStage;
  /** ms since the epoch. */
  startedAt: number;
  /** The current round, from 1; 0 before pre-copy. */
  round: number;
  totalMs: number;
  expectedDowntimeMs: number;
  /** What the rounds go on for, and what the guest is not stopped for longer than. */
  downtimeGoalMs: number;
  downtimeLimitMs: number;
  /** While it waits for an answer. */
  question?: DowntimeQuestion;
  /** vCPU stopped at the source → running at the target, or at the source again; undefined if it was not stopped yet. */
  downtimeMs?: number;
  bytes: number;
  zeroPages: number;
  normalPages: number;
  /** Pages sent again because the guest wrote them after they were sent. */
  resentPages: number;
  /** Pages left in the current round. */
  remainingPages: number;
  totalPages: number;
  /** Pages per second that the guest dirties, measured at the beginning of the last round: later it hits the same ones again. */
  dirtyRate: number;
  throughputMbits: number;
  /** Per finished round: pages sent, dirty pages found at its end, ms. */
  rounds: MigrationRound[];
  /** User-facing message: why it failed or was cancelled. */
  error?: string;
}
