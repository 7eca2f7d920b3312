// The page of `?host`: a browser tab that is nothing but a host. Its VMs are governed from a console in another tab.
import { Alert, Spinner } from '@patternfly/react-core';
import { useEffect } from 'react';
import { Meter } from '../components/Meter.tsx';
import { formatCores, formatUsedMemory } from '../format/format.ts';
import { HostVms } from '../host/HostVms.tsx';
import { Notices } from '../shell/Notices.tsx';
import { useLeaveWarning } from '../shell/use-leave-warning.ts';
import { useConsole } from '../state/store.ts';
import { consoleAddress } from './console-address.ts';
import './host-page.css';

/** @param failure why the host did not start */
export function HostPage({ failure }: { failure?: string }) {
  const host = useConsole((state) => Object.values(state.fleet.hosts).find((h) => h.local));
  useEffect(() => {
    document.title = host ? `${host.info.name} – tabvisor host` : 'tabvisor host';
  }, [host]);
  useLeaveWarning();
  if (failure)
    return (
      <main className="tv-host-page">
        <Alert isInline variant="danger" title="The host did not start">
          {failure}
        </Alert>
        <ConsoleLink />
      </main>
    );
  if (!host) return <Spinner className="tv-host-page" aria-label="The host is starting" />;
  const { info, cpu, cpuReady, cores, memoryUsedMiB } = host;
  return (
    <main className="tv-host-page">
      <section aria-label={info.name} className="tv-panel">
        <h1>{info.name}</h1>
        <p className="tv-quiet">
          This tab is a host. It appears in every console of this site; drag VMs onto it there. Keep the tab open:
          closing it ends the VMs on it.
        </p>
        <ConsoleLink />
        <div className="tv-host-load">
          <Meter
            label="CPU"
            text={formatCores(cpu, cpuReady, cores)}
            parts={[
              { kind: 'busy', value: cpu },
              { kind: 'ready', value: cpuReady },
            ]}
            total={cores}
          />
          <Meter
            label="Memory"
            text={formatUsedMemory(memoryUsedMiB, info.memoryMiB)}
            parts={[{ kind: 'used', value: memoryUsedMiB }]}
            total={info.memoryMiB}
          />
        </div>
      </section>
      <HostVms hostId={info.id} withLinks={false} />
      <Notices />
    </main>
  );
}

/** In a tab of its own: leaving this one would end the host. */
function ConsoleLink() {
  return (
    <p>
      <a href={consoleAddress(location.href)} target="_blank" rel="noopener">
        Open the console in a new tab
      </a>
    </p>
  );
}
