// Renders the dialog that is open.
import { useEffect } from 'react';
import { openDialog } from '../operations/view-operations.ts';
import { notify, useConsole } from '../state/store.ts';
import { isOfSomethingGone } from '../state/view.ts';
import { AddHostDialog } from './AddHostDialog.tsx';
import { AddressPoolDialog } from './AddressPoolDialog.tsx';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { HelpDialog } from './HelpDialog.tsx';
import { LinkDialog } from './LinkDialog.tsx';
import { MigrateDialog } from './MigrateDialog.tsx';
import { NewVmDialog } from './NewVmDialog.tsx';
import { PortGroupDialog } from './PortGroupDialog.tsx';
import './dialogs.css';

export function Dialogs() {
  const dialog = useConsole((state) => state.view.dialog);
  const gone = useConsole(({ view, fleet }) => isOfSomethingGone(view.dialog, fleet));
  useEffect(() => {
    if (!gone) return;
    openDialog(undefined);
    notify('info', 'The dialog was closed', 'What it was about is no longer there.');
  }, [gone]);
  switch (dialog?.kind) {
    case 'new-vm':
      return <NewVmDialog hostId={dialog.hostId} files={dialog.files} />;
    case 'add-host':
      return <AddHostDialog />;
    case 'migrate':
      return <MigrateDialog vmId={dialog.vmId} />;
    case 'link':
      return <LinkDialog />;
    case 'port-group':
      return <PortGroupDialog name={dialog.name} />;
    case 'address-pool':
      return <AddressPoolDialog />;
    case 'help':
      return <HelpDialog />;
    case 'confirm':
      return <ConfirmDialog what={dialog} />;
    default:
      return null;
  }
}
