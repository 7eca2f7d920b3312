// What can be done to hosts and to the link that joins them.
import type { LinkSettings } from '../../engine/host/api.ts';
import { formatLink } from '../format/format.ts';
import { apiOf } from '../session/connections.ts';
import { hostGone } from '../session/host-events.ts';
import { releaseName, reserveName } from '../session/host-names.ts';
import { startHost } from '../session/session.ts';
import { prefer, update, useConsole } from '../state/store.ts';
import { closeTab } from '../state/view.ts';
import { onEachHost } from './on-hosts.ts';
import { runTask } from './run-task.ts';

/**
 * Starts a host in this tab and remembers it for the next visit.
 * @throws Error with a user-facing message
 */
export async function addLocalHost(name: string, memoryMiB: number): Promise<void> {
  if (!(await reserveName(name))) throw new Error(`The name ${name} is taken by another host.`);
  const { link } = useConsole.getState().preferences;
  await startHost(name, memoryMiB, link);
  const { hosts } = useConsole.getState().preferences;
  prefer({ hosts: [...hosts.filter((host) => host.name !== name), { name, memoryMiB }] });
}

/** Shuts the host down; VMs on it are lost. */
export async function removeLocalHost(hostId: string): Promise<void> {
  const host = useConsole.getState().fleet.hosts[hostId];
  if (!host) return;
  const { name } = host.info;
  const done = await runTask({ label: 'Remove host', targetId: hostId, targetName: name }, async () => {
    await apiOf(hostId).shutdown(true);
    return undefined;
  });
  if (!done) return;
  hostGone(hostId, true);
  releaseName(name);
  update('view', (view) => closeTab(view, `host:${hostId}`));
  if (host.local) prefer({ hosts: useConsole.getState().preferences.hosts.filter((h) => h.name !== name) });
}

/** Sets the modelled link of every host on the subnet. */
export async function setLink(link: LinkSettings): Promise<void> {
  prefer({ link });
  const { hostOrder } = useConsole.getState().fleet;
  await runTask({ label: `Set link to ${formatLink(link)}`, targetId: 'subnet', targetName: 'Subnet' }, async () => {
    await onEachHost(hostOrder, (api) => api.setLink(link));
    return undefined;
  });
}
