// What a migration task uses of its host, the same at either end.

import type { Presence } from '../cluster/presence.ts';
import type { StreamHub } from '../cluster/stream-hub.ts';
import type { Subnet } from '../cluster/subnet.ts';
import type { Timebase } from '../cluster/timebase.ts';
import type { Link } from '../network/link.ts';
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
