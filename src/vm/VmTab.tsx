// The tab of one VM: its name, state and actions, and its sections.
import { EmptyState, EmptyStateBody, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import CubeIcon from '@patternfly/react-icons/dist/esm/icons/cube-icon';
import { useVmActions } from '../actions/use-actions.ts';
import { ActionMenu } from '../components/ActionMenu.tsx';
import { PowerState } from '../components/PowerState.tsx';
import { QuickActions } from '../components/QuickActions.tsx';
import { TargetNotices } from '../components/TargetNotices.tsx';
import { tabElementId } from '../components/tab-id.ts';
import { useVmFileDrop } from '../media-drop/use-vm-file-drop.ts';
import { MigrationProgress } from '../rack/MigrationProgress.tsx';
import { useActiveMigration, useHostName, useVm, useVmState } from '../state/hooks.ts';
import { update, useConsole } from '../state/store.ts';
import type { VmSection } from '../state/view.ts';
import { useHasReported } from '../transactions/hooks.ts';
import { TransactionsSection } from '../transactions/TransactionsSection.tsx';
import { VmTranslation } from '../translation/VmTranslation.tsx';
import { VmConsole } from './VmConsole.tsx';
import { VmHardware } from './VmHardware.tsx';
import { VmNetwork } from './VmNetwork.tsx';
import { VmPerformance } from './VmPerformance.tsx';
import { VmSummary } from './VmSummary.tsx';
import { sectionsOf } from './vm-sections.ts';
import './vm.css';
import '../network/network.css';

export function VmTab({ vmId }: { vmId: string }) {
  const exists = useConsole((state) => vmId in state.fleet.vms);
  const section = useConsole((state) => state.view.sections[vmId] ?? 'summary');
  const expectsReport = useConsole((state) => state.view.demo?.clientId === vmId);
  const hasReported = useHasReported(vmId);
  const { isOver, handlers } = useVmFileDrop(vmId);
  if (!exists) return <GoneVm />;
  return (
    <div className={`tv-object ${isOver ? 'tv-takes-files' : ''}`} {...handlers}>
      <VmHeader vmId={vmId} />
      <TargetNotices targetId={vmId} className="tv-object-notice" />
      <Tabs
        aria-label="Sections"
        isSubtab
        activeKey={section}
        onSelect={(_, key) => selectSection(vmId, key as VmSection)}
        className="tv-sections"
      >
        {sectionsOf(expectsReport || hasReported || section === 'transactions').map(([key, title]) => (
          <Tab
            key={key}
            eventKey={key}
            title={<TabTitleText>{title}</TabTitleText>}
            id={`section-${vmId}-${key}`}
            tabContentId={`panel-${vmId}`}
          />
        ))}
      </Tabs>
      <div
        className="tv-object-body"
        id={`panel-${vmId}`}
        role="tabpanel"
        aria-labelledby={tabElementId(section, `section-${vmId}-${section}`)}
      >
        {section === 'summary' && <VmSummary vmId={vmId} />}
        {section === 'console' && <VmConsole vmId={vmId} />}
        {section === 'hardware' && <VmHardware vmId={vmId} />}
        {section === 'performance' && <VmPerformance vmId={vmId} />}
        {section === 'network' && <VmNetwork vmId={vmId} />}
        {section === 'translation' && <VmTranslation vmId={vmId} />}
        {section === 'transactions' && <TransactionsSection vmId={vmId} />}
      </div>
    </div>
  );
}

function selectSection(vmId: string, section: VmSection): void {
  update('view', (view) => ({ ...view, sections: { ...view.sections, [vmId]: section } }));
}

function VmHeader({ vmId }: { vmId: string }) {
  const vm = useVm(vmId);
  const actions = useVmActions(vmId).filter((action) => action.id !== 'summary');
  const host = useHostName(vm?.hostId ?? '');
  const migration = useActiveMigration(vmId);
  const state = useVmState(vmId);
  if (!vm) return null;
  return (
    <header className="tv-object-header">
      <h1>{vm.name}</h1>
      <PowerState power={migration ? 'migrating' : state} />
      <span className="tv-quiet">on {host}</span>
      {migration && <MigrationProgress vmId={vmId} />}
      <div className="tv-object-actions">
        <QuickActions actions={actions.filter((action) => action.id !== 'console')} withText />
        <ActionMenu actions={actions} label={`Actions of ${vm.name}`} />
      </div>
    </header>
  );
}

function GoneVm() {
  return (
    <EmptyState titleText="This VM is no longer there" headingLevel="h2" icon={CubeIcon}>
      <EmptyStateBody>It was deleted, or its host has gone. The events below say which.</EmptyStateBody>
    </EmptyState>
  );
}
