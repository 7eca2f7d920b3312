// The Network section of a VM: its cards, their addresses, what passed their ports, and captures.
import { Button, EmptyState, EmptyStateBody } from '@patternfly/react-core';
import NetworkIcon from '@patternfly/react-icons/dist/esm/icons/network-icon';
import { useShallow } from 'zustand/react/shallow';
import type { NicSpec, VmStatus } from '../../engine/host/api.ts';
import { DEFAULT_PORT_GROUP } from '../../engine/subnet/switch/port-group.ts';
import { CapturePanel } from '../capture/CapturePanel.tsx';
import { openCapture } from '../capture/captures.ts';
import { type Fact, PlainFacts } from '../components/Facts.tsx';
import { formatBytes, formatCount, formatRate } from '../format/format.ts';
import { ConflictAlerts } from '../network/ConflictAlerts.tsx';
import { dropsInWords, dropTotal } from '../network/drop-words.ts';
import { useVm } from '../state/hooks.ts';
import { addressOf, type PortStatus, portKey, type Rates } from '../state/networks.ts';
import { useConsole } from '../state/store.ts';
import { tabKey } from '../state/view.ts';

export function VmNetwork({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  if (!vm) return null;
  const tab = tabKey({ kind: 'vm', id: vmId });
  if (vm.nics.length === 0)
    return (
      <EmptyState titleText={`${vm.name} has no network card`} headingLevel="h2" icon={NetworkIcon}>
        <EmptyStateBody>Cards are chosen when a VM is created.</EmptyStateBody>
      </EmptyState>
    );
  return (
    <div className="tv-network">
      <ConflictAlerts macs={vm.nics.map(({ mac }) => mac)} />
      <CapturePanel tab={tab} />
      {vm.nics.map((nic, n) => (
        <CardPanel key={nic.mac} vm={vm} nic={nic} index={n} tab={tab} />
      ))}
    </div>
  );
}

function CardPanel({ vm, nic, index, tab }: { vm: VmStatus; nic: NicSpec; index: number; tab: string }) {
  const { address, dnsName } = useConsole(useShallow((state) => addressOf(state.networks, nic.mac)));
  const view = useConsole((state) => state.networks[vm.hostId]);
  const port = view?.status.ports.find((one) => one.mac === nic.mac.toLowerCase());
  const label = `Network card ${index + 1}`;
  const facts: Fact[] = [
    ['Model', nic.model],
    ['MAC address', nic.mac],
    ['Port group', nic.portGroup ?? DEFAULT_PORT_GROUP.name],
    ['IPv4 address', address ?? 'no lease: none asked for yet, or a static one'],
    ['Name in DNS', dnsName ?? '–'],
  ];
  return (
    <section className="tv-panel" aria-label={label}>
      <header className="tv-panel-header">
        <h2>{label}</h2>
        <span className="tv-quiet">{port ? 'connected' : 'not connected: the VM is off'}</span>
        <Button
          size="sm"
          variant="secondary"
          aria-label={`Capture ${label.toLowerCase()}`}
          isDisabled={!port}
          onClick={() => openCapture(tab, { hostId: vm.hostId, scope: { vmId: vm.id, nic: index }, label: vm.name })}
        >
          Capture
        </Button>
      </header>
      <div className="tv-card-facts">
        <PlainFacts facts={facts} />
        {port && <PlainFacts facts={trafficFacts(port, view.rates[portKey(port)])} />}
      </div>
    </section>
  );
}

function trafficFacts({ counters }: PortStatus, rates: Rates | undefined): Fact[] {
  const traffic = (frames: number, bytes: number) => `${formatCount(frames)} frames, ${formatBytes(bytes)}`;
  const rate = (frames = 0, mbits = 0) => `${formatRate(mbits)}, ${formatCount(frames)} frames/s`;
  return [
    ['Sent', traffic(counters.transmittedFrames, counters.transmittedBytes)],
    ['Sends now', rate(rates?.transmittedFrames, rates?.transmittedMbits)],
    ['Received', traffic(counters.receivedFrames, counters.receivedBytes)],
    ['Receives now', rate(rates?.receivedFrames, rates?.receivedMbits)],
    ['Dropped', dropTotal(counters.drops) === 0 ? 'none' : dropsInWords(counters.drops).join('; ')],
  ];
}
