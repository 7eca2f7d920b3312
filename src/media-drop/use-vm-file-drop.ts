// Files that are dropped on a VM reach its guest by its CD drive.
import { useFileDrop } from '../media/use-file-drop.ts';
import { giveFiles } from '../operations/media-operations.ts';
import { notify } from '../state/store.ts';

export function useVmFileDrop(vmId: string) {
  return useFileDrop(
    (files) => void giveFiles(vmId, files),
    (reason) => notify('warning', 'Not taken', reason, vmId),
  );
}
