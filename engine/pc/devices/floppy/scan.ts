// The comparison of the three scans (82077AA data sheet, SCAN COMMANDS): the disk's sector against the host's bytes, of which the first that
// differ decide; FFh on either side equals everything.
import type { DiskOperationState } from './persist.ts';

/** The state after `host` was compared with the beginning of `disk`. */
export function compareScanned(
  command: string,
  state: DiskOperationState['scan'],
  disk: Uint8Array,
  host: Uint8Array,
): DiskOperationState['scan'] {
  if (state !== 'equal') return state;
  const i = host.findIndex((byte, n) => byte !== disk[n] && byte !== 0xff && disk[n] !== 0xff);
  if (i < 0) return 'equal';
  const satisfied =
    (command === 'scanLowOrEqual' && disk[i] < host[i]) || (command === 'scanHighOrEqual' && disk[i] > host[i]);
  return satisfied ? 'satisfied' : 'failed';
}
