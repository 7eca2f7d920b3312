// Closing this tab ends the hosts in it: the browser asks first while VMs run on them.
import { useEffect } from 'react';
import { useConsole } from '../state/store.ts';

export function useLeaveWarning(): void {
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => {
      const { hosts, vms } = useConsole.getState().fleet;
      const lost = Object.values(vms).some((vm) => vm.power !== 'off' && hosts[vm.hostId]?.local);
      if (lost) event.preventDefault();
    };
    addEventListener('beforeunload', onLeave);
    return () => removeEventListener('beforeunload', onLeave);
  }, []);
}
