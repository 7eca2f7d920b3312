// A card's live figures: CPU with its last minute, active memory, and the requests that a client does.
import { Sparkline } from '../charts/Sparkline.tsx';
import { formatMiB, formatPercent } from '../format/format.ts';
import { useConsole } from '../state/store.ts';
import { useReports } from '../transactions/hooks.ts';

export function VmLoad({ vmId }: { vmId: string }) {
  const cpu = useConsole((state) => formatPercent(state.fleet.vms[vmId]?.cpu ?? 0));
  const ready = useConsole((state) => Math.round((state.fleet.vms[vmId]?.cpuReady ?? 0) * 100));
  const active = useConsole((state) => formatMiB(Math.round(state.fleet.vms[vmId]?.memoryActiveMiB ?? 0)));
  const memory = useConsole((state) => formatMiB(state.fleet.vms[vmId]?.memoryMiB ?? 0));
  const report = useReports(vmId).at(-1);
  return (
    <div className="tv-load">
      <Sparkline id={vmId} label={`CPU over the last minute, now ${cpu}`} />
      <dl>
        <dt>CPU</dt>
        <dd>
          {cpu} {ready > 0 && <span className="tv-quiet">{ready} % ready</span>}
        </dd>
        <dt>Active</dt>
        <dd>
          {active} <span className="tv-quiet">of {memory}</span>
        </dd>
        {report && (
          <>
            <dt>Requests</dt>
            <dd>
              {report.tcp.count + report.http.count} <span className="tv-quiet">per second</span>
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}
