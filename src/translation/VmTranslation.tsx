// The Translation section of a VM: what its translated code comes to, the regions that run most, and the code of one.
import { Alert, Button, EmptyState, EmptyStateBody } from '@patternfly/react-core';
import MicrochipIcon from '@patternfly/react-icons/dist/esm/icons/microchip-icon';
import PauseIcon from '@patternfly/react-icons/dist/esm/icons/pause-icon';
import PlayIcon from '@patternfly/react-icons/dist/esm/icons/play-icon';
import SyncAltIcon from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';
import { useEffect, useState } from 'react';
import { formatCount } from '../format/format.ts';
import { useHostName, useVm } from '../state/hooks.ts';
import { RegionCodeView } from './RegionCodeView.tsx';
import { RegionTable } from './RegionTable.tsx';
import { TranslationTotals } from './TranslationTotals.tsx';
import { useIsOn, useRegions } from './use-regions.ts';
import './translation.css';

export function VmTranslation({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const isOn = useIsOn(vmId);
  if (!vm) return null;
  if (!isOn)
    return (
      <EmptyState
        titleText={`${vm.name} is ${vm.power === 'crashed' ? 'stopped' : 'off'}`}
        headingLevel="h2"
        icon={MicrochipIcon}
      >
        <EmptyStateBody>
          Code that runs often is translated to WebAssembly, region by region, while the VM runs. Power it on to see
          them.
        </EmptyStateBody>
      </EmptyState>
    );
  return (
    <div className="tv-translation">
      <TranslationTotals vmId={vmId} />
      {/* Regions stay behind when the VM moves: those of the new host are others. */}
      <Regions key={vm.hostId} vmId={vmId} hostId={vm.hostId} />
    </div>
  );
}

function Regions({ vmId, hostId }: { vmId: string; hostId: string }) {
  const [paused, setPaused] = useState(false);
  const [selected, setSelected] = useState<number>();
  const { report, problem, refresh } = useRegions(vmId, paused);
  const host = useHostName(hostId);
  const hottest = report?.regions[0]?.id;
  useEffect(() => setSelected((chosen) => chosen ?? hottest), [hottest]);
  return (
    <section className="tv-panel tv-translation-regions" aria-label="Hottest regions">
      <header className="tv-panel-header">
        <h2>Hottest regions</h2>
        <span className="tv-quiet">
          {report &&
            `${report.regions.length} of ${formatCount(report.live)}, by the instructions executed in them on ${host}; counted exactly whenever a region is left`}
        </span>
        <span className="tv-translation-buttons">
          <Button
            size="sm"
            variant="secondary"
            icon={paused ? <PlayIcon /> : <PauseIcon />}
            onClick={() => setPaused(!paused)}
          >
            {paused ? 'Resume' : 'Pause'}
          </Button>
          <Button size="sm" variant="secondary" icon={<SyncAltIcon />} onClick={refresh}>
            Refresh
          </Button>
        </span>
      </header>
      {problem && <Alert isInline isLiveRegion variant="warning" component="h3" title={problem} />}
      {report && report.regions.length === 0 && (
        <p className="tv-quiet tv-code-hint">Nothing has run often enough yet.</p>
      )}
      {report && report.regions.length > 0 && (
        <RegionTable report={report} selected={selected} onSelect={setSelected} />
      )}
      <RegionCodeView vmId={vmId} hostId={hostId} regionId={selected} />
    </section>
  );
}
