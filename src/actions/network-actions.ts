// The actions on the network of the datacenter.
import NetworkIcon from '@patternfly/react-icons/dist/esm/icons/network-icon';
import NetworkWiredIcon from '@patternfly/react-icons/dist/esm/icons/network-wired-icon';
import PlusIcon from '@patternfly/react-icons/dist/esm/icons/plus-icon';
import { openDialog, openTab } from '../operations/view-operations.ts';
import { NETWORK } from '../state/view.ts';
import type { Action } from './action.ts';

export function networkActions(): Action[] {
  return [
    { id: 'network', label: 'Open networking', icon: NetworkIcon, run: () => openTab(NETWORK) },
    {
      id: 'new-port-group',
      label: 'New port group…',
      icon: PlusIcon,
      run: () => openDialog({ kind: 'port-group' }),
    },
    { id: 'link', label: 'Link settings…', icon: NetworkWiredIcon, run: () => openDialog({ kind: 'link' }) },
  ];
}
