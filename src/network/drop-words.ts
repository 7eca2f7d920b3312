// Why a port dropped frames, in plain words.
import type { NetworkStatus } from '../../engine/host/api.ts';
import { formatCount } from '../format/format.ts';

type Drops = NetworkStatus['ports'][number]['counters']['drops'];

const WORDS: Record<keyof Drops, string> = {
  runt: 'shorter than an Ethernet header',
  oversize: 'longer than the network’s frames may be',
  vlan: 'with a VLAN tag that the port group does not take',
  'forged-transmit': 'sent from an address that is not the card’s own',
  'group-source': 'sent from a group address',
  storm: 'beyond what storm control lets through',
  'queue-full': 'because the receiver’s queue was full',
  'mac-change': 'because the guest changed its address and may not',
  'not-forwarding': 'of a guest that is not here (yet, or any more)',
  arriving: 'because too many came while the guest was on its way here',
  malformed: 'that the guest’s driver described in no sensible way',
  'no-driver': 'while the guest’s driver was not running',
};

/** "3 sent from a group address", one for each reason, the most frequent first. */
export function dropsInWords(drops: Drops): string[] {
  return Object.entries(drops)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${formatCount(count)} ${WORDS[reason as keyof Drops] ?? reason}`);
}

export function dropTotal(drops: Drops): number {
  return Object.values(drops).reduce((sum, count) => sum + count, 0);
}
