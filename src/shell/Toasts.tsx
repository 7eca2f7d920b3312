// What went wrong or needs to be known and has no place on the screen just now: above everything, until it is read.
import { Alert, AlertActionCloseButton, AlertGroup } from '@patternfly/react-core';
import { useShallow } from 'zustand/react/shallow';
import type { Notice } from '../state/notices.ts';
import { type ConsoleState, dismissNotice, useConsole } from '../state/store.ts';

export function Toasts() {
  const notices = useConsole(useShallow((state) => state.notices.filter((notice) => !isShownInPlace(notice, state))));
  return (
    <AlertGroup isToast isLiveRegion>
      {notices.map((notice) => (
        <Alert
          key={notice.id}
          variant={notice.severity}
          title={notice.title}
          actionClose={<AlertActionCloseButton title={notice.title} onClose={() => dismissNotice(notice.id)} />}
        >
          {notice.detail}
        </Alert>
      ))}
    </AlertGroup>
  );
}

/** A VM's card and a VM's tab show what concerns the VM. */
function isShownInPlace({ targetId }: Notice, { view, fleet }: ConsoleState): boolean {
  if (!targetId || !(targetId in fleet.vms)) return false;
  return view.active === 'datacenter' || view.active === `vm:${targetId}`;
}
