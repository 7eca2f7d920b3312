// What a person has to know and has not yet dismissed (notices), and the record of everything that happened (events).

export type Severity = 'info' | 'success' | 'warning' | 'danger';

export interface Notice {
  id: string;
  severity: Severity;
  title: string;
  detail: string;
  /** The VM or host it is about: it is shown there too. */
  targetId?: string;
}

export interface EventRecord {
  id: string;
  /** Epoch ms. */
  at: number;
  severity: Severity;
  target: string;
  text: string;
}

const EVENTS_KEPT = 300;

export function addNotice(notices: Notice[], notice: Notice): Notice[] {
  const repeated = (n: Notice) =>
    n.title === notice.title && n.detail === notice.detail && n.targetId === notice.targetId;
  return [...notices.filter((n) => !repeated(n)), notice];
}

export function addEvent(events: EventRecord[], event: EventRecord): EventRecord[] {
  return [event, ...events].slice(0, EVENTS_KEPT);
}
