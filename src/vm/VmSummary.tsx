// The Summary section: what the VM is, how it runs, why it crashed if it did, and its last migration.
import type { AgentStatus, VmStatus } from '../../engine/host/api.ts';
import { Facts } from '../components/Facts.tsx';
import {
  formatActiveMemory,
  formatBytes,
  formatCount,
  formatDuration,
  formatMagnitude,
  formatPercent,
} from '../format/format.ts';
import { MigrationReport } from '../rack/MigrationReport.tsx';
import { useHostName, useSampleTime, useVm } from '../state/hooks.ts';
import { addressesOf } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { driveName } from './drive-words.ts';
import { RegistersPanel } from './RegistersPanel.tsx';

/** An offset below this is that of the question, ms. */
const CLOCK_NOISE_MS = 100;

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
          ...driveFacts(vm),
          ['Uptime', vm.counters.uptimeMs > 0 ? formatDuration(vm.counters.uptimeMs) : '–'],
          ['Identity', vm.id],
        ]}
      />
      <Facts title="Guest" facts={agentFacts(vm.agent)} />
      <Facts title="Processor" facts={processorFacts(vm)} />
      {report && (
        <section className="tv-panel tv-summary-wide" aria-label="Last migration">
          <MigrationReport report={report} />
        </section>
      )}
    </div>
  );
}

function driveFacts({ drives = [] }: VmStatus): [string, string][] {
  return drives.map(({ model, properties, medium }) => [
    driveName(model, properties),
    medium ? `${medium.name}, ${formatBytes(medium.size)}` : 'empty',
  ]);
}

/** How the guest is, where it will not go on. */
function guestFacts({ guest }: VmStatus): [string, string][] {
  if (!guest) return [];
  return [['State', guest.detail ? `${guest.kind}: ${guest.detail}` : guest.kind]];
}

const AGENT_WORDS: Record<AgentStatus['state'], string> = {
  absent: 'the VM has no port for one',
  off: 'not running',
  starting: 'starting',
  running: 'running',
  silent: 'does not answer',
};

/** What the program in the guest tells, if there is one. */
function agentFacts({
  state,
  version,
  hostName,
  os,
  kernel,
  addresses = [],
  clockOffsetMs,
  frozen,
}: AgentStatus): [string, string][] {
  const facts: [string, string | undefined][] = [
    ['Guest agent', version && state === 'running' ? `running, version ${version}` : AGENT_WORDS[state]],
    ['Host name', hostName],
    ['System', os],
    ['Kernel', kernel],
    ['Addresses', addresses.map(({ interface: name, address }) => `${address} (${name})`).join(', ') || undefined],
    ['Clock', clockOffsetMs === undefined ? undefined : formatClockOffset(clockOffsetMs)],
    ['File systems', frozen ? 'frozen' : undefined],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function formatClockOffset(ms: number): string {
  if (Math.abs(ms) < CLOCK_NOISE_MS) return 'as the host’s';
  return `${formatDuration(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'} the host’s`;
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
