// What to do once the demo's client reports: move the server while it serves. Until that has been done.
import { Button } from '@patternfly/react-core';
import { openDialog, openTab } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import { DATACENTER } from '../state/view.ts';

export function DemoHint({ clientId }: { clientId: string }) {
  const serverId = useConsole(({ view, migrations }) => {
    const { demo } = view;
    return demo?.clientId === clientId && !migrations.byVm[demo.serverId] ? demo.serverId : undefined;
  });
  const name = useConsole(({ fleet }) => {
    const server = serverId === undefined ? undefined : fleet.vms[serverId];
    return server?.power === 'running' && fleet.hostOrder.length > 1 ? server.name : undefined;
  });
  if (serverId === undefined || name === undefined) return null;
  return (
    <p className="tv-drag-hint tv-demo-hint">
      <span>
        Drag <strong>{name}</strong> to the other host while it serves, and come back to see what its client noticed.
      </span>
      <Button size="sm" onClick={() => openTab(DATACENTER)}>
        Show the hosts
      </Button>
      <Button size="sm" variant="secondary" onClick={() => openDialog({ kind: 'migrate', vmId: serverId })}>
        Migrate {name}…
      </Button>
    </p>
  );
}
