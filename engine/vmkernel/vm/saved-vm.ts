// The saved form of a VM without its memory: what a migration hands over at the switch-over.

import type { DrivePoint } from '../block/drive-store.ts';
import type { SavedVcpu } from '../vcpu/vcpu-api.ts';
import { type GuestCondition, isGuestCondition } from './guest-event.ts';
import type { SerialText } from './serial-history.ts';

export interface SavedVm {
  version: 5;
  vcpu: SavedVcpu;
  history: SerialText;
  /** How often it has been powered on or reset. */
  run: number;
  /** For each network card, how far the guest was served and what its port counted (VmCables.accept checks it). */
  network: unknown[];
  /** For each drive, which medium it has had (VmDrives.accept). */
  drives?: DrivePoint[];
  /** Set when the guest has panicked, or halted for good. */
  guest?: GuestCondition;
}

export class SavedVmError extends Error {
  override name = 'SavedVmError';
}

/** It came from another host. The vCPU's own parts are validated where they are restored. Throws SavedVmError. */
export function checkSavedVm(value: unknown): SavedVm {
  const saved = value as Partial<SavedVm> | undefined;
  if (saved?.version !== 5) {
    throw new SavedVmError(`The saved VM has version ${String(saved?.version)}; this build reads version 5.`);
  }
  const { vcpu, history, run, network, drives, guest } = saved;
  const wellFormed =
    vcpu?.version === 1 &&
    typeof vcpu.cpu === 'object' &&
    typeof vcpu.machine === 'object' &&
    Number.isFinite(vcpu.machine?.clock?.now) &&
    Number.isFinite(vcpu.machine.clock.stoppedAt) &&
    isCount(vcpu.serialPosition) &&
    isCount(vcpu.timestamp) &&
    areFrames(vcpu.frames) &&
    Array.isArray(network) &&
    (drives === undefined || (Array.isArray(drives) && drives.every((drive) => isCount(drive?.mediumCount)))) &&
    (guest === undefined || isGuestCondition(guest)) &&
    history?.bytes instanceof Uint8Array &&
    isCount(history.position) &&
    isCount(run) &&
    history.position + history.bytes.length === vcpu.serialPosition;
  if (!wellFormed) throw new SavedVmError('The saved VM is damaged: a field is missing or of the wrong type.');
  return saved as SavedVm;
}

/** By network card. */
function areFrames(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((frames) => Array.isArray(frames) && frames.every((frame) => frame instanceof Uint8Array))
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
