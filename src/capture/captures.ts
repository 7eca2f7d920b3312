// The captures of the console: at most one for each tab of the work area. Closing its panel or its tab discards it.
import { useSyncExternalStore } from 'react';
import { apiOf } from '../session/connections.ts';
import { useConsole } from '../state/store.ts';
import { tabKey } from '../state/view.ts';
import { CaptureSession, type CaptureTarget } from './capture-session.ts';

/** By key of the tab. */
const sessions = new Map<string, CaptureSession>();
const listeners = new Set<() => void>();

/** Starts a capture; the one that the tab had is discarded. */
export function openCapture(tab: string, target: CaptureTarget): void {
  sessions.get(tab)?.discard();
  sessions.set(tab, new CaptureSession(target, () => apiOf(target.hostId)));
  changed();
}

export function closeCapture(tab: string): void {
  sessions.get(tab)?.discard();
  if (sessions.delete(tab)) changed();
}

export function useCapture(tab: string): CaptureSession | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => sessions.get(tab),
  );
}

function changed(): void {
  for (const listener of listeners) listener();
}

useConsole.subscribe((state, before) => {
  if (state.view.tabs === before.view.tabs) return;
  const open = new Set(state.view.tabs.map(tabKey));
  for (const tab of sessions.keys()) if (!open.has(tab)) closeCapture(tab);
});

// Hosts of other tabs outlive this page.
addEventListener('pagehide', () => {
  for (const session of sessions.values()) session.discard();
});
