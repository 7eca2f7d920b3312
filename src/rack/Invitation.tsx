// The first visit: one button that boots a guest, one that starts the whole demo, and what to do then.
import { Alert, Button, Spinner } from '@patternfly/react-core';
import ChartLineIcon from '@patternfly/react-icons/dist/esm/icons/chart-line-icon';
import DesktopIcon from '@patternfly/react-icons/dist/esm/icons/desktop-icon';
import PlayIcon from '@patternfly/react-icons/dist/esm/icons/play-icon';
import { useEffect, useState } from 'react';
import { createFromGuest, createLapwing } from '../operations/create-from-guest.ts';
import { startTransactionDemo } from '../operations/transaction-demo.ts';
import { openDialog } from '../operations/view-operations.ts';
import { type Catalogue, loadCatalogue, NO_FIRMWARE } from '../session/catalogue.ts';
import { useConsole } from '../state/store.ts';

export function Invitation() {
  const firstHost = useConsole((state) => state.fleet.hostOrder[0]);
  const [catalogue, setCatalogue] = useState<Catalogue>();
  const [booting, setBooting] = useState(false);
  useEffect(() => {
    void loadCatalogue().then(setCatalogue);
  }, []);
  const guest = catalogue?.guests[0];

  async function boot() {
    if (!guest || !firstHost) return;
    setBooting(true);
    await createFromGuest(firstHost, guest);
    setBooting(false);
  }

  async function bootLapwing() {
    if (!catalogue?.firmware || !firstHost) return;
    setBooting(true);
    await createLapwing(firstHost, catalogue.firmware);
    setBooting(false);
  }

  return (
    <section className="tv-invitation" aria-label="Getting started">
      <div>
        <h2>Boot a real operating system in this tab</h2>
        <p>
          {guest ? guest.os : 'Linux'} starts on the first host. Then drag its card to another host: it moves there
          while it runs, and does not notice.
        </p>
        <p>
          Or see what a client of it notices: a web server on one host, its client on the other, twenty transactions and
          twenty pages a second, every answer measured.
        </p>
        <p>
          Or drop an image of your own on this page: an ISO, a disk, a floppy disk or a kernel. It says what it is
          before anything starts.
        </p>
        {catalogue && !catalogue.problem && !catalogue.firmware && (
          <Alert isInline variant="warning" title="No firmware" className="tv-invitation-problem">
            {NO_FIRMWARE}
          </Alert>
        )}
        {catalogue?.problem && (
          <Alert isInline variant="warning" title="No guest images" className="tv-invitation-problem">
            {catalogue.problem}
          </Alert>
        )}
      </div>
      <div className="tv-invitation-actions">
        <Button
          size="lg"
          icon={booting || !catalogue ? <Spinner size="md" aria-label="Please wait" /> : <PlayIcon />}
          isDisabled={!guest || !firstHost || booting}
          onClick={() => void boot()}
        >
          Boot {guest?.name ?? 'Linux'}
        </Button>
        <Button
          variant="secondary"
          size="lg"
          icon={<DesktopIcon />}
          isDisabled={!catalogue?.firmware || !firstHost || booting}
          onClick={() => void bootLapwing()}
        >
          Boot Lapwing
        </Button>
        <Button
          variant="secondary"
          size="lg"
          icon={<ChartLineIcon />}
          isDisabled={!guest || !firstHost || booting}
          onClick={() => void startTransactionDemo()}
        >
          Start the transaction demo
        </Button>
        <Button variant="link" size="lg" onClick={() => openDialog({ kind: 'new-vm' })} isDisabled={!firstHost}>
          Use your own image…
        </Button>
      </div>
    </section>
  );
}

interface DragHintProps {
  name: string;
  target: string;
  /** It is the server of the demo. */
  isServing: boolean;
}

/** After the first boot and until the first move. */
export function DragHint({ name, target, isServing }: DragHintProps) {
  if (isServing)
    return (
      <p className="tv-drag-hint">
        Drag <strong>{name}</strong> onto <strong>{target}</strong> while it serves: its client’s figures below show
        what that costs.
      </p>
    );
  return (
    <p className="tv-drag-hint">
      <strong>{name}</strong> is running. Drag its card onto <strong>{target}</strong> and watch its memory go over the
      wire while it keeps running.
    </p>
  );
}
