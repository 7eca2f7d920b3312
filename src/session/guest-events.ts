// What guests did by themselves, as events of the console; what leaves a VM standing is a notice too.

import type { GuestEvent } from '../../engine/host/api.ts';
import { guestEventWords } from '../../engine/vmkernel/vm/guest-event.ts';
import type { Severity } from '../state/notices.ts';
import { notify, record } from '../state/store.ts';

const SEVERITIES: Record<GuestEvent['kind'], Severity> = {
  'powered-off': 'info',
  reset: 'info',
  exited: 'info',
  halted: 'warning',
  panicked: 'danger',
  'stood-still': 'info',
  crashed: 'danger',
};

export function takeGuestEvent(vmId: string, vmName: string, event: GuestEvent): void {
  const severity = SEVERITIES[event.kind];
  const title = `${vmName} ${guestEventWords(event)}`;
  if (severity === 'info') record(severity, vmName, event.detail ? `${title}: ${event.detail}` : title);
  else notify(severity, title, sentence(event.detail), vmId);
}

function sentence(text: string): string {
  return text && `${text[0].toUpperCase()}${text.slice(1)}.`;
}
