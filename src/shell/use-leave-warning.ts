// Closing this tab ends the hosts in it, and their VMs with them, those that are off too: nothing of a VM outlives its tab.
// The browser asks first while there are any.
import { useEffect } from 'react';
import { vmsOfThisTab } from '../state/fleet.ts';
import { useConsole } from '../state/store.ts';

export function useLeaveWarning(): void {
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => {
      if (vmsOfThisTab(useConsole.getState().fleet).length > 0) event.preventDefault();
    };
    addEventListener('beforeunload', onLeave);
    return () => removeEventListener('beforeunload', onLeave);
  }, []);
}
