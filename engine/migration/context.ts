// What a migration task uses of its host, the same at either end.

import type { Timebase } from '../base/timebase.ts';
import type { Subnet } from '../subnet/carrier/subnet.ts';
import type { Link } from '../subnet/link/link.ts';
import type { Presence } from '../subnet/presence/presence.ts';
import type { StreamHub } from '../subnet/streams/stream-hub.ts';
import type { Checksum } from './page-batch.ts';

export interface MigrationContext {
  subnet: Subnet;
  presence: Presence;
  streams: StreamHub;
  /** The modelled uplink of this host. */
  link: Link;
  timebase: Timebase;
  checksum: Checksum;
}
