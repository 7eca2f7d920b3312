// Starts what a console page starts: its hosts, and the watch for those of other tabs.
import type { HostApi, HostSpec, LinkSettings } from '../../engine/host/api.ts';
import { notify, useConsole } from '../state/store.ts';
import type { Backend } from './backend.ts';
import { attachHost } from './host-events.ts';
import { becomeFirstConsole, releaseName, reserveDefaultName, reserveName } from './host-names.ts';
import { readHostQuery } from './host-query.ts';
import { watchTransactions } from './watch-transactions.ts';

let backend: Backend;

export async function startSession(chosen: Backend): Promise<void> {
  backend = chosen;
  watchTransactions();
  backend.watchRemoteHosts((connection) => attachHost(connection, false));
  if (!(await becomeFirstConsole())) return;
  const { hosts, link } = useConsole.getState().preferences;
  for (const { name, memoryMiB } of hosts) {
    // A tab that is just going may still hold the name: the host is left out rather than doubled.
    if (!(await reserveName(name))) continue;
    try {
      await startHost(name, memoryMiB, link);
    } catch (error) {
      notify('danger', `${name} did not start`, (error as Error).message);
    }
  }
}

/**
 * The page of `?host`: one host and nothing else. `&name=` and `&memory=` (MiB) say which.
 * @returns why it did not start
 */
export async function startHostPage(chosen: Backend, query: URLSearchParams): Promise<string | undefined> {
  backend = chosen;
  const wish = readHostQuery(query);
  if (wish.problem !== undefined) return wish.problem;
  if (wish.name && !(await reserveName(wish.name))) return `The name ${wish.name} is taken by another host.`;
  const name = wish.name ?? (await reserveDefaultName());
  try {
    await startHost(name, wish.memoryMiB, useConsole.getState().preferences.link);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Starts a host in this tab; its name must be reserved.
 * @throws Error with a user-facing message
 */
export async function startHost(name: string, memoryMiB: number, link: LinkSettings): Promise<HostSpec> {
  const spec: HostSpec = { id: `${name}-${crypto.randomUUID().slice(0, 8)}`, name, memoryMiB, link };
  try {
    const connection = await backend.startLocalHost(spec);
    attachHost(connection, true);
    await configureNetwork(name, connection.api);
    return spec;
  } catch (error) {
    releaseName(name);
    throw error;
  }
}

/** What the person set for all hosts, on one that has just started. */
async function configureNetwork(name: string, api: HostApi): Promise<void> {
  const { portGroups, v86Network, addressPool } = useConsole.getState().preferences;
  try {
    for (const group of portGroups) await api.setPortGroup(group);
    if (addressPool) await api.setAddressPool(addressPool);
    if (v86Network !== undefined) await api.setV86Network(v86Network);
  } catch (error) {
    notify('warning', `${name} does not have all network settings`, (error as Error).message);
  }
}
