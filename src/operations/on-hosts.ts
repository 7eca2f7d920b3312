// The same work on several hosts: each by itself, so that one which does not respond takes nothing from the others.
import type { HostApi } from '../../engine/host/api.ts';
import { apiOf } from '../session/connections.ts';
import { silenceOf } from '../state/fleet.ts';
import { useConsole } from '../state/store.ts';

/** @throws a user-facing Error that says which hosts have not done it, once all have answered. */
export async function onEachHost(hostIds: readonly string[], work: (api: HostApi) => Promise<void>): Promise<void> {
  const { fleet } = useConsole.getState();
  const failures = await Promise.all(
    hostIds.map(async (hostId): Promise<string | undefined> => {
      const silence = silenceOf(fleet, hostId);
      if (silence) return `${silence}.`;
      try {
        await work(apiOf(hostId));
        return undefined;
      } catch (error) {
        return `${fleet.hostNames[hostId]}: ${(error as Error).message}`;
      }
    }),
  );
  const said = failures.filter((failure) => failure !== undefined);
  if (said.length === 0) return;
  const others = said.length < hostIds.length ? ' The other hosts have done it.' : '';
  throw new Error(`${said.join(' ')}${others}`);
}
