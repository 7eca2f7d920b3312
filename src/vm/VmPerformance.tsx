// The Performance section: CPU, speed and memory over time.
import { TimeChart } from '../charts/TimeChart.tsx';
import { useConsole } from '../state/store.ts';

export function VmPerformance({ vmId }: { vmId: string }) {
  const memoryMiB = useConsole((state) => state.fleet.vms[vmId]?.memoryMiB ?? 0);
  return (
    <div className="tv-charts">
      <TimeChart id={vmId} title="CPU" unit="% of a core" figure="cpu" max={100} />
      <TimeChart id={vmId} title="Speed while busy" unit="MIPS" figure="mips" />
      <TimeChart id={vmId} title="Active memory" unit="MiB" figure="memory" max={memoryMiB} />
    </div>
  );
}
