// What the user has to know and has not yet dismissed (notices), and the record of everything that happened (events).

export type Severity = 'info' | 'success' | 'warning' | 'danger';

export interface Notice {
  id: string;
  /** Epoch ms. */
  at: number;
  severity: Severity;
  title: string;
  detail: string;
  /** The VM or host it is about: it is shown there too. */
  targetId?: string;
  /** What was tried. Trying it again, or its success, makes the notice a thing of the past. */
  topic?: string;
}

export interface EventRecord {
  id: string;
  /** Epoch ms. */
  at: number;
  severity: Severity;
  target: string;
  text: string;
}

/** How long a notice that asks for nothing stays, ms. An error stays until it is dismissed or over. */
const LIFETIME_MS: Record<Severity, number> = {
  info: 10_000,
  success: 10_000,
  warning: 30_000,
  danger: Number.POSITIVE_INFINITY,
};

const EVENTS_KEPT = 300;

export function addNotice(notices: Notice[], notice: Notice): Notice[] {
  const repeated = (n: Notice) =>
    n.title === notice.title && n.detail === notice.detail && n.targetId === notice.targetId;
  return [...notices.filter((n) => !repeated(n)), notice];
}

/** When the first of the notices has been there long enough, epoch ms; Infinity if none ever has. */
export function nextExpiry(notices: Notice[]): number {
  return Math.min(...notices.map(({ at, severity }) => at + LIFETIME_MS[severity]));
}

export function dropExpired(notices: Notice[], now: number): Notice[] {
  return notices.filter(({ at, severity }) => at + LIFETIME_MS[severity] > now);
}

/** It is over: what was tried has been tried again, or has worked. */
export function dropTopic(notices: Notice[], topic: string): Notice[] {
  return notices.some((notice) => notice.topic === topic)
    ? notices.filter((notice) => notice.topic !== topic)
    : notices;
}

/** Those about objects that are no more. */
export function dropTargets(notices: Notice[], gone: readonly string[]): Notice[] {
  return notices.filter(({ targetId }) => targetId === undefined || !gone.includes(targetId));
}

/** How many warnings and errors came after that time. */
export function troubleSince(events: EventRecord[], seenAt: number): number {
  return events.filter(({ at, severity }) => at > seenAt && (severity === 'warning' || severity === 'danger')).length;
}

export function addEvent(events: EventRecord[], event: EventRecord): EventRecord[] {
  return [event, ...events].slice(0, EVENTS_KEPT);
}
