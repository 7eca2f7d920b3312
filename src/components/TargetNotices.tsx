// What went wrong with one object and has not been dismissed, shown where the object is.
import { Alert, AlertActionCloseButton } from '@patternfly/react-core';
import { useShallow } from 'zustand/react/shallow';
import { dismissNotice, useConsole } from '../state/store.ts';

interface TargetNoticesProps {
  targetId: string;
  /** Without a frame of its own, for narrow places. */
  isPlain?: boolean;
  className?: string;
}

export function TargetNotices({ targetId, isPlain, className }: TargetNoticesProps) {
  const notices = useConsole(useShallow((state) => state.notices.filter((notice) => notice.targetId === targetId)));
  return notices.map((notice) => (
    <Alert
      key={notice.id}
      className={className}
      isInline
      isLiveRegion
      isPlain={isPlain}
      component="h3"
      variant={notice.severity}
      title={notice.title}
      actionClose={<AlertActionCloseButton title={notice.title} onClose={() => dismissNotice(notice.id)} />}
    >
      {notice.detail}
    </Alert>
  ));
}
