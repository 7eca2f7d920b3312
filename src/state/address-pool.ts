// How full the pool of DHCP's addresses is, in words.
import type { NetworkStatus } from '../../engine/host/api.ts';
import { formatCount } from '../format/format.ts';

type Pool = NonNullable<NetworkStatus['responder']>['pool'];

export type PoolState = 'room' | 'nearly-full' | 'full';

/** So few left of so many count as nearly none. */
const SCARCE = 0.1;

export function poolState({ size, free }: Pool): PoolState {
  if (free === 0) return 'full';
  return free <= size * SCARCE ? 'nearly-full' : 'room';
}

export function poolInWords({ size, free, first, last }: Pool): string {
  return `${formatCount(free)} of ${formatCount(size)} free (${first} to ${last})`;
}

/** What to say when that state begins. */
export const POOL_WORDS: Record<PoolState, string> = {
  room: 'DHCP has addresses again',
  'nearly-full': 'DHCP has few addresses left',
  full: 'DHCP has no address left: guests that start get none',
};
