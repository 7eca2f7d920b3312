// What can be done to the network: port groups on every host of the subnet, the bridge to v86 on the hosts of this tab. What
// is set is kept for hosts that start later.
import type { AddressPool, HostApi, PortGroup } from '../../engine/host/api.ts';
import { formatCount } from '../format/format.ts';
import { apiOf } from '../session/connections.ts';
import { refreshHost } from '../session/host-events.ts';
import { responderOf } from '../state/networks.ts';
import { prefer, useConsole } from '../state/store.ts';
import { onEachHost } from './on-hosts.ts';
import { runTask } from './run-task.ts';

/** Creates the port group or changes it. */
export async function setPortGroup(group: PortGroup): Promise<void> {
  const done = await onHosts('Set port group', group.name, hostIds(), (api) => api.setPortGroup(group));
  if (done) prefer({ portGroups: [...others(group.name), group] });
}

export async function removePortGroup(name: string): Promise<void> {
  const { networks } = useConsole.getState();
  const having = hostIds().filter((id) => networks[id]?.status.portGroups.some((group) => group.name === name));
  const done = await onHosts('Delete port group', name, having, (api) => api.removePortGroup(name));
  if (done) prefer({ portGroups: others(name) });
}

/** Which addresses DHCP gives, whichever host answers. */
export async function setAddressPool(pool: AddressPool): Promise<void> {
  const done = await onHosts('Set address pool', `${pool.first} to ${pool.last}`, hostIds(), (api) =>
    api.setAddressPool(pool),
  );
  if (done) prefer({ addressPool: pool });
}

/** Takes back the addresses that are leased and not in use. */
export async function releaseUnusedLeases(): Promise<void> {
  await runTask({ label: 'Release unused addresses', targetId: 'subnet', targetName: 'Subnet' }, async () => {
    const hostId = responderOf(useConsole.getState().networks)?.hostId;
    if (!hostId) throw new Error('No host answers DHCP now.');
    const released = await apiOf(hostId).releaseUnusedLeases();
    await refreshHost(hostId);
    return released === 1 ? '1 address released' : `${formatCount(released)} addresses released`;
  });
}

/** Joins v86's network of this number; undefined ends it. */
export async function setV86Network(networkId: number | undefined): Promise<void> {
  const { hosts } = useConsole.getState().fleet;
  const local = hostIds().filter((id) => hosts[id].local);
  const label = networkId === undefined ? 'Switch the v86 bridge off' : `Bridge to v86’s network ${networkId}`;
  const done = await onHosts(label, 'Subnet', local, (api) => api.setV86Network(networkId));
  if (done) prefer({ v86Network: networkId });
}

function hostIds(): string[] {
  return useConsole.getState().fleet.hostOrder;
}

function others(name: string): PortGroup[] {
  return useConsole.getState().preferences.portGroups.filter((group) => group.name !== name);
}

function onHosts(
  label: string,
  targetName: string,
  hosts: string[],
  work: (api: HostApi) => Promise<void>,
): Promise<boolean> {
  return runTask({ label, targetId: 'subnet', targetName }, async () => {
    try {
      await onEachHost(hosts, work);
    } finally {
      for (const hostId of hosts) void refreshHost(hostId);
    }
    return undefined;
  });
}
