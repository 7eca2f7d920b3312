// On the Datacenter tab: what the clients on the subnet measure, small enough to stand above the rack while one drags.
import { Button } from '@patternfly/react-core';
import { useMemo } from 'react';
import { Chart } from '../charts/Chart.tsx';
import { openTab } from '../operations/view-operations.ts';
import { useVm } from '../state/hooks.ts';
import { chartSource } from './chart-source.ts';
import { REQUESTS } from './charts.ts';
import { FigureList } from './FigureList.tsx';
import { mainFigures } from './figures.ts';
import { useReporters, useReports } from './hooks.ts';
import { silenceOf } from './silence.ts';
import './transactions.css';

/** More clients than these have their own tabs. */
const SHOWN = 2;
const SECONDS = 60;
const HEIGHT = 44;

export function DatacenterTransactions() {
  const reporters = useReporters();
  if (reporters.length === 0) return null;
  return (
    <section className="tv-panel tv-datacenter-transactions" aria-label="Transactions">
      {reporters.slice(-SHOWN).map((vmId) => (
        <ClientRow key={vmId} vmId={vmId} />
      ))}
    </section>
  );
}

function ClientRow({ vmId }: { vmId: string }) {
  const report = useReports(vmId).at(-1);
  const vm = useVm(vmId);
  const source = useMemo(
    () => chartSource({ vmId, lines: REQUESTS, scale: 'linear', seconds: SECONDS, bare: true }),
    [vmId],
  );
  if (!report || !vm) return null;
  const silence = silenceOf(report, vm.power, Date.now());
  return (
    <div className="tv-client-row">
      <div className="tv-client-name">
        <Button variant="link" isInline onClick={() => openTab({ kind: 'vm', id: vmId }, 'transactions')}>
          {vm.name}
        </Button>
        <span className={silence ? 'tv-silence' : 'tv-quiet'}>{silence ?? 'measures transactions'}</span>
      </div>
      <FigureList figures={mainFigures(report)} />
      <div className="tv-client-chart">
        <Chart label={`Requests per second of ${vm.name} over the last minute`} height={HEIGHT} source={source} />
      </div>
    </div>
  );
}
