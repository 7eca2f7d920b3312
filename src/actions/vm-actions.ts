// The actions on a VM.
import BanIcon from '@patternfly/react-icons/dist/esm/icons/ban-icon';
import CompactDiscIcon from '@patternfly/react-icons/dist/esm/icons/compact-disc-icon';
import ExchangeAltIcon from '@patternfly/react-icons/dist/esm/icons/exchange-alt-icon';
import InfoCircleIcon from '@patternfly/react-icons/dist/esm/icons/info-circle-icon';
import PlayIcon from '@patternfly/react-icons/dist/esm/icons/play-icon';
import PowerOffIcon from '@patternfly/react-icons/dist/esm/icons/power-off-icon';
import RedoIcon from '@patternfly/react-icons/dist/esm/icons/redo-icon';
import TerminalIcon from '@patternfly/react-icons/dist/esm/icons/terminal-icon';
import TrashIcon from '@patternfly/react-icons/dist/esm/icons/trash-icon';
import type { PowerState } from '../../engine/host/api.ts';
import { openDialog, openTab } from '../operations/view-operations.ts';
import { cancelMigration, cancelStart, powerOn, shutDownGuest } from '../operations/vm-operations.ts';
import type { Action } from './action.ts';

/** What a silent host cannot be asked for. A migration can still be cancelled: at its target. */
const ASKS_THE_HOST = new Set(['power-on', 'power-off', 'shut-down', 'cancel-start', 'reset', 'migrate', 'delete']);

/**
 * @param hosts how many hosts there are: with one there is nowhere to migrate to
 * @param silence that the VM's host does not respond, if it does not
 */
export function vmActions(vmId: string, power: PowerState, hosts: number, silence?: string): Action[] {
  const actions = actionsOf(vmId, power, hosts);
  if (!silence) return actions;
  return actions.map((action) => (ASKS_THE_HOST.has(action.id) ? { ...action, unavailable: silence } : action));
}

function actionsOf(vmId: string, power: PowerState, hosts: number): Action[] {
  const stopped = power === 'off' || power === 'crashed';
  const immovable =
    power === 'crashed'
      ? 'It has crashed: power it off first'
      : power === 'paused'
        ? 'It is paused'
        : 'It is still starting';
  const busy = power === 'migrating' ? 'It is migrating' : undefined;
  const on: Action = { id: 'power-on', label: 'Power on', icon: PlayIcon, quick: true, run: () => void powerOn(vmId) };
  const off: Action = {
    id: 'power-off',
    label: 'Power off',
    icon: PowerOffIcon,
    quick: true,
    unavailable: busy,
    run: () => openDialog({ kind: 'confirm', what: 'power-off', vmId }),
  };
  const cancelStarting: Action = {
    id: 'cancel-start',
    label: 'Cancel start',
    icon: BanIcon,
    quick: true,
    run: () => void cancelStart(vmId),
  };
  const reset: Action = {
    id: 'reset',
    label: 'Reset',
    icon: RedoIcon,
    quick: true,
    unavailable: power === 'off' ? 'It is powered off' : power === 'starting' ? 'It is still starting' : busy,
    run: () => openDialog({ kind: 'confirm', what: 'reset', vmId }),
  };
  const shutDown: Action = {
    id: 'shut-down',
    label: 'Shut down guest',
    icon: PowerOffIcon,
    unavailable:
      power === 'running' || power === 'paused' || power === 'migrating'
        ? undefined
        : stopped
          ? 'It is not running'
          : 'It is still starting',
    run: () => void shutDownGuest(vmId),
  };
  const move: Action =
    power === 'migrating'
      ? {
          id: 'cancel-migration',
          label: 'Cancel migration',
          icon: BanIcon,
          quick: true,
          run: () => void cancelMigration(vmId),
        }
      : {
          id: 'migrate',
          label: 'Migrate…',
          icon: ExchangeAltIcon,
          quick: true,
          unavailable: !(power === 'running' || power === 'off')
            ? immovable
            : hosts < 2
              ? 'There is no other host'
              : undefined,
          run: () => openDialog({ kind: 'migrate', vmId }),
        };
  return [
    // Always two: the buttons behind them do not move from under the pointer when the power state changes.
    ...(power === 'crashed' ? [on, off] : [power === 'off' ? on : power === 'starting' ? cancelStarting : off, reset]),
    move,
    shutDown,
    {
      id: 'console',
      label: 'Open console',
      icon: TerminalIcon,
      quick: true,
      run: () => openTab({ kind: 'vm', id: vmId }, 'console'),
    },
    {
      id: 'summary',
      label: 'Open summary',
      icon: InfoCircleIcon,
      run: () => openTab({ kind: 'vm', id: vmId }, 'summary'),
    },
    {
      id: 'hardware',
      label: 'Drives and media',
      icon: CompactDiscIcon,
      run: () => openTab({ kind: 'vm', id: vmId }, 'hardware'),
    },
    {
      id: 'delete',
      label: 'Delete…',
      icon: TrashIcon,
      danger: true,
      unavailable: stopped ? undefined : 'Power it off first',
      run: () => openDialog({ kind: 'confirm', what: 'delete-vm', vmId }),
    },
  ];
}
