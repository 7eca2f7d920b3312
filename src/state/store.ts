// The console's store. Slices are plain data with pure functions in the files beside this one; this file only joins them.
// Components select the smallest value they draw.
import { create } from 'zustand';
import { emptyFleet, type FleetState } from './fleet.ts';
import { type MigrationsState, noMigrations } from './migrations.ts';
import type { NetworksState } from './networks.ts';
import type { EventRecord, Notice, Severity } from './notices.ts';
import { addEvent, addNotice } from './notices.ts';
import { loadPreferences, type Preferences, storePreferences } from './preferences.ts';
import type { TaskRecord } from './tasks.ts';
import { initialView, type ViewState } from './view.ts';

export interface ConsoleState {
  fleet: FleetState;
  networks: NetworksState;
  tasks: TaskRecord[];
  migrations: MigrationsState;
  notices: Notice[];
  events: EventRecord[];
  view: ViewState;
  preferences: Preferences;
}

export const useConsole = create<ConsoleState>()(() => ({
  fleet: emptyFleet,
  networks: {},
  tasks: [],
  migrations: noMigrations,
  notices: [],
  events: [],
  view: initialView,
  preferences: loadPreferences(),
}));

/** Where the VM is now; undefined if there is no such VM. */
export function hostIdOf(vmId: string): string | undefined {
  return useConsole.getState().fleet.vms[vmId]?.hostId;
}

/** Replaces one slice by what the function makes of it. */
export function update<K extends keyof ConsoleState>(
  slice: K,
  change: (value: ConsoleState[K]) => ConsoleState[K],
): void {
  useConsole.setState((state) => ({ [slice]: change(state[slice]) }) as Pick<ConsoleState, K>);
}

/** Changes preferences and stores them. */
export function prefer(change: Partial<Preferences>): void {
  update('preferences', (preferences) => ({ ...preferences, ...change }));
  storePreferences(useConsole.getState().preferences);
}

/**
 * Shows a notice until it is dismissed or over (notices.ts), and records it as an event.
 * @param topic what was tried
 */
export function notify(severity: Severity, title: string, detail: string, targetId?: string, topic?: string): void {
  const { fleet } = useConsole.getState();
  const target = targetId ? (fleet.vms[targetId]?.name ?? fleet.hosts[targetId]?.info.name ?? targetId) : 'Datacenter';
  update('notices', (notices) =>
    addNotice(notices, { id: crypto.randomUUID(), at: Date.now(), severity, title, detail, targetId, topic }),
  );
  record(severity, target, detail ? `${title}: ${detail}` : title);
}

/** Records an event without interrupting the user. */
export function record(severity: Severity, target: string, text: string): void {
  update('events', (events) => addEvent(events, { id: crypto.randomUUID(), at: Date.now(), severity, target, text }));
}

export function dismissNotice(id: string): void {
  update('notices', (notices) => notices.filter((notice) => notice.id !== id));
}

export function dismissNotices(dismissed: readonly Notice[]): void {
  const ids = new Set(dismissed.map((notice) => notice.id));
  update('notices', (notices) => notices.filter((notice) => !ids.has(notice.id)));
}
