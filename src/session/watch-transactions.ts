// Listens to the serial output of every VM for what `client` reports, whether or not its console is open.

import { parseClientReport } from '../reports/client-report.ts';
import { LineReader } from '../reports/line-reader.ts';
import { reportLog } from '../reports/report-log.ts';
import { useConsole } from '../state/store.ts';
import { followVmSerial } from './vm-serial.ts';

/**
 * A client prints a line a second. Reading a VM that prints without end costs little then, and what is skipped of it was no
 * client's.
 */
const PAUSE_MS = 250;
const pause = () => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));

export function watchTransactions(): void {
  const followed = new Map<string, () => void>();
  const follow = () => {
    const { vms } = useConsole.getState().fleet;
    for (const vmId of Object.keys(vms)) if (!followed.has(vmId)) followed.set(vmId, watchVm(vmId));
    for (const [vmId, stop] of followed) {
      if (vmId in vms) continue;
      stop();
      followed.delete(vmId);
      reportLog.forget(vmId);
    }
  };
  follow();
  useConsole.subscribe((state, before) => {
    if (state.fleet.vms !== before.fleet.vms) follow();
  });
}

function watchVm(vmId: string): () => void {
  const lines = new LineReader();
  return followVmSerial(vmId, {
    async print(bytes) {
      const reports = lines.read(bytes).flatMap((line) => parseClientReport(line) ?? []);
      reportLog.accept(vmId, reports, Date.now());
      await pause();
    },
    skipped: () => lines.reset(),
  });
}
