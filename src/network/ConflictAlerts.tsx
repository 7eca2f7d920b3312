// Addresses that several network cards use: a warning for each, for as long as it lasts.
import { Alert } from '@patternfly/react-core';
import { useShallow } from 'zustand/react/shallow';
import { conflictInWords, conflictsOf } from '../state/address-conflicts.ts';
import { useConsole } from '../state/store.ts';

/** @param macs only those of cards with these addresses */
export function ConflictAlerts({ macs }: { macs?: readonly string[] }) {
  const conflicts = useConsole(
    useShallow(({ networks, fleet }) => conflictsOf(networks, macs).map((one) => conflictInWords(one, fleet.vms))),
  );
  return conflicts.map((words) => (
    <Alert key={words} isInline isLiveRegion variant="warning" component="h2" title={words}>
      Frames for it reach now one, now the other. Give one of them another address, or let it ask for one by DHCP.
    </Alert>
  ));
}
