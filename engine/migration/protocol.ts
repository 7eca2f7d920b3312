// What the two ends of a live migration say to each other. Bulk and stages go over a stream of their own, where messages are
// in order. How it ended at the target (`OUTCOME`) goes as a single message on the subnet itself, past the modelled link:
// it must be out the moment it is true (see handover.ts), and it must get through when the stream has broken.
//
//   source                                target
//     offer (spec, pages)          →
//                                  ←      reserved
//     pages (batch) …              →                       pre-copy, then stop-and-copy
//     state (saved machine)        →
//                                  ←      prepared         all restored, nothing runs
//     activate                     →
//                                  ←      OUTCOME taken    the commit
//                                  ←      OUTCOME running
//
// Either end abandons the move by closing the stream. The target then says `OUTCOME abandoned`; it never runs the VM
// after that. A source in doubt asks by RESOLVE.

import { bytes, count, DecodeError, fields, identifier, oneOf, quantity, text } from '../base/decode.ts';
import type { MessageKind } from '../subnet/carrier/subnet.ts';
import type { GuestSpec, SavedMachine } from './ports.ts';

export const MIGRATION_SERVICE = 'migration';

/**
 * How long a prepared target may take the VM without hearing from the source: less than presence's SILENCE_MS, and more than
 * PREPARED and ACTIVATE take over the slowest link there is (LINK_LIMITS).
 */
export const ACTIVATION_LEASE_MS = 2500;

/** Bytes on the wire of a message without bulk. */
export const SMALL_MESSAGE_BYTES = 256;

const MAX_PAGES = 1 << 20;

export type SourceMessage =
  | { type: 'offer'; migration: string; spec: GuestSpec; pages: number }
  | { type: 'pages'; batch: Uint8Array<ArrayBuffer> }
  | { type: 'state'; saved: SavedMachine }
  | { type: 'activate' };

export type TargetMessage = { type: 'reserved' } | { type: 'prepared' };

export type Outcome =
  | { outcome: 'abandoned'; reason: string }
  | { outcome: 'taken' }
  /** `at`: when the vCPU ran, ms since the epoch. */
  | { outcome: 'running'; at: number };

export function decodeSourceMessage(value: unknown): SourceMessage {
  const message = fields(value);
  switch (message.type) {
    case 'offer': {
      const pages = count(message.pages, 'pages');
      if (pages > MAX_PAGES) throw new DecodeError('pages is out of range');
      return { type: 'offer', migration: identifier(message.migration, 'migration'), spec: spec(message.spec), pages };
    }
    case 'pages':
      return { type: 'pages', batch: bytes(message.batch, 'batch') };
    case 'state':
      return { type: 'state', saved: message.saved };
    case 'activate':
      return { type: 'activate' };
    default:
      throw new DecodeError('it is of no known type');
  }
}

export function decodeTargetMessage(value: unknown): TargetMessage {
  return { type: oneOf(fields(value).type, ['reserved', 'prepared'], 'type') };
}

/** The target host validates the rest of the spec. */
function spec(value: unknown): GuestSpec {
  const { id, name, memoryMiB } = fields(value);
  identifier(id, 'id');
  text(name, 'name');
  quantity(memoryMiB, 'memoryMiB');
  return value as GuestSpec;
}

export const OUTCOME: MessageKind<{ migration: string } & Outcome> = {
  name: 'migration-outcome',
  decode(value) {
    const message = fields(value);
    const migration = identifier(message.migration, 'migration');
    const outcome = oneOf(message.outcome, ['abandoned', 'taken', 'running'], 'outcome');
    if (outcome === 'abandoned') return { migration, outcome, reason: text(message.reason, 'reason') };
    if (outcome === 'running') return { migration, outcome, at: quantity(message.at, 'at') };
    return { migration, outcome };
  },
};

/** "How did it end? If you have not taken the VM, do not take it any more." */
export const RESOLVE: MessageKind<{ migration: string }> = {
  name: 'migration-resolve',
  decode: (value) => ({ migration: identifier(fields(value).migration, 'migration') }),
};
