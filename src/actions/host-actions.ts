// The actions on a host.
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/plus-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import TrashIcon from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import { openDialog, openTab } from '../operations/view-operations.ts';
import type { Action } from './action.ts';

/** @param local it lives in this browser tab; another tab's host goes by closing that tab */
export function hostActions(hostId: string, local: boolean): Action[] {
  return [
    {
      id: 'new-vm-here',
      label: 'New VM here…',
      icon: PlusIcon,
      run: () => openDialog({ kind: 'new-vm', hostId }),
    },
    {
      id: 'open-host',
      label: 'Open summary',
      icon: ServerIcon,
      run: () => openTab({ kind: 'host', id: hostId }),
    },
    {
      id: 'remove-host',
      label: 'Remove host…',
      icon: TrashIcon,
      danger: true,
      unavailable: local ? undefined : 'Close the browser tab where it lives',
      run: () => openDialog({ kind: 'confirm', what: 'remove-host', hostId }),
    },
  ];
}
