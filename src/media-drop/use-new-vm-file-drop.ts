// Files that are dropped where VMs are become a new one.
import { useFileDrop } from '../media/use-file-drop.ts';
import { openDialog } from '../operations/view-operations.ts';
import { notify } from '../state/store.ts';

/** @param hostId on which; the first host without it */
export function useNewVmFileDrop(hostId?: string) {
  return useFileDrop(
    (files) => openDialog({ kind: 'new-vm', hostId, files }),
    (reason) => notify('warning', 'Not taken', reason),
  );
}
