// What happens to the machine as events of QEMU's machine protocol ("QEMU QMP Reference Manual", VM run state, Block devices).

import type { MachineEvent } from './machine.ts';

interface QmpEvent {
  event: string;
  data?: Record<string, unknown>;
}

/** Undefined: QEMU has none for it. */
export function qmpEvent(event: MachineEvent): QmpEvent | undefined {
  switch (event.kind) {
    case 'stop':
      return { event: 'STOP' };
    case 'resume':
      return { event: 'RESUME' };
    case 'powerdown':
      return { event: 'POWERDOWN' };
    case 'reset':
      return reset(event.asked);
    case 'shutdown':
      return {
        event: 'SHUTDOWN',
        data: { guest: !event.asked, reason: event.asked ? 'host-qmp-quit' : 'guest-shutdown' },
      };
    case 'tray':
      return {
        event: 'DEVICE_TRAY_MOVED',
        data: { device: event.drive.name, id: event.drive.name, 'tray-open': event.open },
      };
    case 'guest':
      return event.event.kind === 'panicked' ? { event: 'GUEST_PANICKED', data: { action: 'run' } } : undefined;
  }
}

function reset(asked: boolean): QmpEvent {
  return { event: 'RESET', data: { guest: !asked, reason: asked ? 'host-qmp-system-reset' : 'guest-reset' } };
}
