// The port groups of the subnet: which VLANs they carry, what their guests may do, who is in them.
import { Button } from '@patternfly/react-core';
import type { PortGroup } from '../../engine/host/api.ts';
import { DEFAULT_PORT_GROUP } from '../../engine/subnet/switch/port-group.ts';
import { openDialog } from '../operations/view-operations.ts';
import { portGroupsOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { missingOn, usersOf, vlanInWords } from './port-group-words.ts';

export function PortGroups() {
  const networks = useConsole((state) => state.networks);
  return (
    <section className="tv-panel" aria-label="Port groups">
      <header className="tv-panel-header">
        <h2>Port groups</h2>
        <span className="tv-quiet">the same on every host, so that a VM finds its own wherever it moves</span>
        <Button size="sm" variant="secondary" onClick={() => openDialog({ kind: 'port-group' })}>
          New port group
        </Button>
      </header>
      <div className="tv-wide-table">
        <table className="tv-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">VLAN</th>
              <th scope="col">Promiscuous</th>
              <th scope="col">MAC changes</th>
              <th scope="col">Forged transmits</th>
              <th scope="col">VMs</th>
              <th scope="col">
                <span className="tv-visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {portGroupsOf(networks).map((group) => (
              <GroupRow key={group.name} group={group} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function GroupRow({ group }: { group: PortGroup }) {
  const { name, vlan, security } = group;
  const users = useConsole((state) => usersOf(name, state.fleet.vms).join(', '));
  const missing = useConsole((state) => missingOn(name, state.networks, state.fleet.hostNames).join(', '));
  const isDefault = name === DEFAULT_PORT_GROUP.name;
  return (
    <tr>
      <td className="tv-wrap">
        {name} {missing && <span className="tv-warn-text">(missing on {missing})</span>}
      </td>
      <td>{vlanInWords(vlan)}</td>
      <Allowed isAllowed={security.promiscuous} />
      <Allowed isAllowed={security.macChanges} />
      <Allowed isAllowed={security.forgedTransmits} />
      <td className="tv-wrap">{users || <span className="tv-quiet">none</span>}</td>
      <td className="tv-row-actions">
        <Button
          variant="link"
          size="sm"
          isInline
          aria-label={`Edit port group ${name}`}
          onClick={() => openDialog({ kind: 'port-group', name })}
        >
          Edit
        </Button>
        {!isDefault && (
          <Button
            variant="link"
            size="sm"
            isInline
            aria-label={`Delete port group ${name}`}
            isAriaDisabled={users !== ''}
            title={users ? `In use by ${users}` : undefined}
            onClick={() => openDialog({ kind: 'confirm', what: 'remove-port-group', name })}
          >
            Delete
          </Button>
        )}
      </td>
    </tr>
  );
}

function Allowed({ isAllowed }: { isAllowed: boolean }) {
  return <td className={isAllowed ? undefined : 'tv-quiet'}>{isAllowed ? 'allowed' : 'refused'}</td>;
}
