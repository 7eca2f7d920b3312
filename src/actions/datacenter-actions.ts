// The actions on the datacenter as a whole and on the console itself.
import AdjustIcon from '@patternfly/react-icons/dist/esm/icons/adjust-icon';
import CubeIcon from '@patternfly/react-icons/dist/esm/icons/cube-icon';
import ExternalLinkAltIcon from '@patternfly/react-icons/dist/esm/icons/external-link-alt-icon';
import ListIcon from '@patternfly/react-icons/dist/esm/icons/list-icon';
import PlayCircleIcon from '@patternfly/react-icons/dist/esm/icons/play-circle-icon';
import QuestionCircleIcon from '@patternfly/react-icons/dist/esm/icons/question-circle-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { startTransactionDemo } from '../operations/transaction-demo.ts';
import { openDialog, openHostTab, switchTheme } from '../operations/view-operations.ts';
import { prefer, useConsole } from '../state/store.ts';
import type { Action } from './action.ts';
import { networkActions } from './network-actions.ts';

export function datacenterActions(hosts: number): Action[] {
  return [
    {
      id: 'new-vm',
      label: 'New VM…',
      icon: CubeIcon,
      unavailable: hosts === 0 ? 'Add a host first' : undefined,
      run: () => openDialog({ kind: 'new-vm' }),
    },
    { id: 'add-host', label: 'Add host…', icon: ServerIcon, run: () => openDialog({ kind: 'add-host' }) },
    { id: 'host-tab', label: 'Add a host in another browser tab', icon: ExternalLinkAltIcon, run: openHostTab },
    {
      id: 'transaction-demo',
      label: 'Start the transaction demo',
      icon: PlayCircleIcon,
      unavailable: hosts === 0 ? 'Add a host first' : undefined,
      run: () => void startTransactionDemo(),
    },
    ...networkActions(),
  ];
}

export function consoleActions(): Action[] {
  const toggleDrawer = () => prefer({ drawerOpen: !useConsole.getState().preferences.drawerOpen });
  return [
    { id: 'theme', label: 'Switch between dark and light', icon: AdjustIcon, run: switchTheme },
    { id: 'tasks', label: 'Show or hide recent tasks', icon: ListIcon, run: toggleDrawer },
    { id: 'help', label: 'Help', icon: QuestionCircleIcon, run: () => openDialog({ kind: 'help' }) },
  ];
}
