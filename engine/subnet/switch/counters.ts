// What a port counts, as the guest sees it: transmitted = the guest sent it, received = the guest was given it.

import { count, DecodeError, fields } from '../../base/decode.ts';

export type DropReason =
  /** Shorter than an Ethernet header. */
  | 'runt'
  /** Longer than the network's frames may be. */
  | 'oversize'
  /** Has a tag that the port does not take. */
  | 'vlan'
  /** Sent from an address that is not the guest's own. */
  | 'forged-transmit'
  /** Its source is a group address, which no sender has. */
  | 'group-source'
  /** More flooded frames than storm control lets through. */
  | 'storm'
  /** The receiver's queue was full. */
  | 'queue-full'
  /** The guest changed its address and may not. */
  | 'mac-change'
  /** Sent by a guest that is not here (yet, or any more). */
  | 'not-forwarding'
  /** More came for a guest on its way here than is kept for it. */
  | 'arriving'
  /** The guest's driver described it in a way that makes no sense. */
  | 'malformed'
  /** Came while the guest's driver was not running. */
  | 'no-driver';

export type Drops = Partial<Record<DropReason, number>>;

export interface PortCounters {
  transmittedFrames: number;
  transmittedBytes: number;
  receivedFrames: number;
  receivedBytes: number;
  /** Frames dropped, by reason; a reason that never occurred is missing. */
  drops: Drops;
}

export function newCounters(): PortCounters {
  return { transmittedFrames: 0, transmittedBytes: 0, receivedFrames: 0, receivedBytes: 0, drops: {} };
}

export function countDrop(counters: PortCounters, reason: DropReason): void {
  counters.drops[reason] = (counters.drops[reason] ?? 0) + 1;
}

/** Adds what was counted elsewhere: the port of a guest that has moved here goes on counting. */
export function addCounters(counters: PortCounters, before: PortCounters): void {
  for (const name of TRAFFIC) counters[name] += before[name];
  counters.drops = withDrops(counters, before.drops).drops;
}

const TRAFFIC = ['transmittedFrames', 'transmittedBytes', 'receivedFrames', 'receivedBytes'] as const;

const DROP_REASONS: Record<DropReason, true> = {
  runt: true,
  oversize: true,
  vlan: true,
  'forged-transmit': true,
  'group-source': true,
  storm: true,
  'queue-full': true,
  'mac-change': true,
  'not-forwarding': true,
  arriving: true,
  malformed: true,
  'no-driver': true,
};

/** Validates counters that came from another host. @throws DecodeError */
export function decodeCounters(value: unknown): PortCounters {
  const from = fields(value);
  const counters = newCounters();
  for (const name of TRAFFIC) counters[name] = count(from[name], name);
  for (const [reason, dropped] of Object.entries(fields(from.drops))) {
    if (!Object.hasOwn(DROP_REASONS, reason)) throw new DecodeError('a reason for dropped frames is unknown');
    counters.drops[reason as DropReason] = count(dropped, reason);
  }
  return counters;
}

/** Both together; reasons with nothing dropped are missing. */
export function withDrops(counters: PortCounters, more: Drops): PortCounters {
  const drops = { ...counters.drops };
  for (const [reason, count] of Object.entries(more) as [DropReason, number][]) {
    if (count > 0) drops[reason] = (drops[reason] ?? 0) + count;
  }
  return { ...counters, drops };
}
