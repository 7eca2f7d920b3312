// Renders the dialog that is open.
import { useConsole } from '../state/store.ts';
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
  switch (dialog?.kind) {
    case 'new-vm':
      return <NewVmDialog hostId={dialog.hostId} />;
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
