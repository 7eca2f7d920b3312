// The demo in one click: a server on the first host, a client on the second that asks it for numbers and pages, and the
// client's charts.
import type { GuestImage } from '../session/catalogue.ts';
import { loadCatalogue } from '../session/catalogue.ts';
import { notify, update, useConsole } from '../state/store.ts';
import { firstWithRoom, guestSpec, takenVmNames } from './create-from-guest.ts';
import { demoNames } from './demo-names.ts';
import { openTab } from './view-operations.ts';
import { createVm, powerOn } from './vm-operations.ts';

const MEMORY_MIB = 64;

export async function startTransactionDemo(): Promise<void> {
  const { guests, problem } = await loadCatalogue();
  const [guest] = guests;
  if (!guest) {
    notify('warning', 'The transaction demo cannot start', problem ?? 'The guest catalogue is empty.');
    return;
  }
  const { hostOrder } = useConsole.getState().fleet;
  const [first, second = first] = hostOrder;
  if (!first) {
    notify('warning', 'The transaction demo cannot start', 'Add a host first.');
    return;
  }
  const names = demoNames(takenVmNames());
  const server = demoSpec(guest, names.server, 'web');
  const client = demoSpec(guest, names.client, `"client ${names.server}"`);
  update('view', (view) => ({ ...view, demo: { serverId: server.id, clientId: client.id } }));
  const serverHost = await firstWithRoom(first, server);
  const serving = createVm(serverHost, server, true);
  const clientHost = await firstWithRoom(second, client);
  // The client's tab needs its VM.
  await createVm(clientHost, client, false);
  if (!useConsole.getState().fleet.vms[client.id]) return;
  openTab({ kind: 'vm', id: client.id }, 'transactions');
  await Promise.all([serving, powerOn(client.id)]);
}

function demoSpec(guest: GuestImage, name: string, run: string) {
  const spec = guestSpec(guest, name);
  return { ...spec, memoryMiB: MEMORY_MIB, commandLine: `${spec.commandLine} run=${run}` };
}
