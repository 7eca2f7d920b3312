// The Summary section: what the VM is, how it runs, why it crashed if it did, and its last migration.
import type { VmStatus } from '../../engine/host/api.ts';
import { Facts } from '../components/Facts.tsx';
import { formatActiveMemory, formatCount, formatDuration, formatMagnitude, formatPercent } from '../format/format.ts';
import { MigrationReport } from '../rack/MigrationReport.tsx';
import { useHostName, useSampleTime, useVm } from '../state/hooks.ts';
import { addressesOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { RegistersPanel } from './RegistersPanel.tsx';

export function VmSummary({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const host = useHostName(vm?.hostId ?? '');
  const addresses = useConsole((state) => (vm ? addressesOf(state.networks, vm.nics) : ''));
  const report = useConsole((state) => state.migrations.reports.find((r) => r.vmId === vmId));
  useSampleTime(vmId);
  if (!vm) return null;
  return (
    <div className="tv-summary">
      {vm.crash && <RegistersPanel crash={vm.crash} />}
      <Facts
        title="Virtual machine"
        facts={[
          ['Guest', vm.guestOs],
          ...guestFacts(vm),
          ['Host', host],
          ['Memory', formatActiveMemory(vm.memoryActiveMiB, vm.memoryMiB)],
          ['vCPUs', '1'],
          ['Address', addresses || (vm.nics.length > 0 ? '–' : 'no network card')],
          ['Uptime', vm.counters.uptimeMs > 0 ? formatDuration(vm.counters.uptimeMs) : '–'],
          ['Identity', vm.id],
        ]}
      />
      <Facts title="Processor" facts={processorFacts(vm)} />
      {report && (
        <section className="tv-panel tv-summary-wide" aria-label="Last migration">
          <MigrationReport report={report} />
        </section>
      )}
    </div>
  );
}

/** How the guest is, where it will not go on. */
function guestFacts({ guest }: VmStatus): [string, string][] {
  if (!guest) return [];
  return [['State', guest.detail ? `${guest.kind}: ${guest.detail}` : guest.kind]];
}

function processorFacts({ cpu, cpuReady, mips, counters }: VmStatus): [string, string][] {
  const translated = counters.instructions > 0 ? counters.translatedInstructions / counters.instructions : 0;
  return [
    ['CPU now', `${formatPercent(cpu)} of a core`],
    ['Ready now', `${formatPercent(cpuReady)} of a core`],
    ['Speed while busy', `${mips.toFixed(1)} MIPS`],
    ['Busy', formatDuration(counters.busyMs)],
    ['Instructions', formatMagnitude(counters.instructions)],
    ['Translated', formatPercent(translated)],
    ['Regions', formatCount(counters.regions)],
    ['TLB misses', formatMagnitude(counters.tlbMisses)],
    ['Interrupts', formatMagnitude(counters.interrupts)],
    ['Exceptions', formatMagnitude(counters.exceptions)],
    ['Undefined instructions', formatCount(counters.undefinedInstructions)],
  ];
}
