// The Networking tab: the subnet's services, its port groups, every host's switch, the leases, and captures.
import { Button } from '@patternfly/react-core';
import { CapturePanel } from '../capture/CapturePanel.tsx';
import { formatLink } from '../format/format.ts';
import { openDialog } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import { NETWORK, tabKey } from '../state/view.ts';
import { ConflictAlerts } from './ConflictAlerts.tsx';
import { HostPorts } from './HostPorts.tsx';
import { Leases } from './Leases.tsx';
import { PortGroups } from './PortGroups.tsx';
import { SubnetServices } from './SubnetServices.tsx';
import { V86Panel } from './V86Panel.tsx';
import './network.css';

const TAB = tabKey(NETWORK);

export function NetworkTab() {
  const hostOrder = useConsole((state) => state.fleet.hostOrder);
  const link = useConsole((state) => state.preferences.link);
  return (
    <div className="tv-object">
      <header className="tv-object-header">
        <h1>Networking</h1>
        <span className="tv-quiet">one Ethernet for all hosts, each uplink {formatLink(link)}</span>
        <div className="tv-object-actions">
          <Button size="sm" variant="secondary" onClick={() => openDialog({ kind: 'link' })}>
            Link settings
          </Button>
        </div>
      </header>
      <div className="tv-object-body tv-network">
        <ConflictAlerts />
        <CapturePanel tab={TAB} />
        {hostOrder.length === 0 && <p className="tv-quiet">No host is on the subnet.</p>}
        {hostOrder.map((hostId) => (
          <HostPorts key={hostId} hostId={hostId} tab={TAB} />
        ))}
        <PortGroups />
        <div className="tv-network-pair">
          <SubnetServices />
          <V86Panel />
        </div>
        <Leases />
      </div>
    </div>
  );
}
