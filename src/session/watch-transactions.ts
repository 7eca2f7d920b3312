// Listens to the serial output of every VM for what `client` reports, whether or not anybody looks at its console.
import { useConsole } from '../state/store.ts';
import { parseClientReport } from '../transactions/client-report.ts';
import { LineReader } from '../transactions/line-reader.ts';
import { reportLog } from '../transactions/report-log.ts';
import { followVmSerial } from './vm-serial.ts';

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
    print(bytes) {
      const reports = lines.read(bytes).flatMap((line) => parseClientReport(line) ?? []);
      reportLog.accept(vmId, reports, Date.now());
    },
    lost: () => lines.reset(),
  });
}
