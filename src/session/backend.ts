// Where hosts come from: the workers, or in a development build with `?simulate` a stand-in without guests, for working on
// the console itself. A production build contains only the former.
import type { HostConnection, HostSpec } from '../../engine/host/api.ts';

export interface Backend {
  readonly tabId: string;
  startLocalHost(spec: HostSpec): Promise<HostConnection>;
  watchRemoteHosts(onAppear: (connection: HostConnection) => void): () => void;
  checkEnvironment(): string | undefined;
}

export async function loadBackend(query: URLSearchParams): Promise<Backend> {
  if (import.meta.env.DEV && query.has('simulate')) return import('../simulation/simulated-connect.ts');
  return import('../../workers/connect.ts');
}
