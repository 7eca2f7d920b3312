// The figures that say what the datacenter is for: how many computers run on how few.
import { Tooltip } from '@patternfly/react-core';
import { useShallow } from 'zustand/react/shallow';
import { formatMiB, formatReady } from '../format/format.ts';
import { consolidation } from '../state/fleet.ts';
import { useConsole } from '../state/store.ts';

interface Figure {
  label: string;
  value: string;
  detail: string;
  /** How it is measured. */
  hint: string;
}

export function ConsolidationStrip() {
  const figures = figuresOf(useConsole(useShallow((state) => consolidation(state.fleet))));
  return (
    <section className="tv-strip" aria-label="Consolidation">
      {figures.map((figure) => (
        <Tooltip key={figure.label} content={figure.hint} entryDelay={400}>
          <dl className="tv-figure" tabIndex={0}>
            <dt>{figure.label}</dt>
            <dd>
              <strong>{figure.value}</strong> <span>{figure.detail}</span>
            </dd>
          </dl>
        </Tooltip>
      ))}
    </section>
  );
}

function figuresOf(c: ReturnType<typeof consolidation>): Figure[] {
  return [
    { label: 'VMs', value: String(c.poweredOn), detail: `on of ${c.vms}`, hint: 'VMs that are powered on, of all VMs' },
    {
      label: 'Hosts',
      value: String(c.hosts),
      detail: `${c.hostsInUse} in use`,
      hint: 'Hosts on the subnet, and those that carry a powered-on VM',
    },
    {
      label: 'Consolidation',
      value: c.hostsInUse ? `${c.ratio.toFixed(1)} : 1` : '–',
      detail: 'VMs per host',
      hint: 'Powered-on VMs per host that carries any',
    },
    {
      label: 'Boxes replaced',
      value: String(c.boxesReplaced),
      detail: c.boxesReplaced === 1 ? 'computer' : 'computers',
      hint: 'Each powered-on VM would be a computer of its own; hosts in use are subtracted',
    },
    {
      label: 'CPU',
      value: c.cpu.toFixed(2),
      detail: `of ${c.cores} cores${formatReady(c.cpuReady)}`,
      hint: 'Cores of this computer that all vCPUs used over the last second; ready: what they waited for, because there are no more',
    },
    {
      label: 'Memory',
      value: formatMiB(c.memoryUsedMiB),
      detail: `of ${formatMiB(c.memoryMiB)} used`,
      hint: 'Memory of all hosts that is set aside for powered-on VMs, of all that they have',
    },
  ];
}
