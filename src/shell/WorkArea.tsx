// The tabs: Datacenter first, then one per opened object. Only the one in front is rendered.
import { Tab, Tabs, TabTitleIcon, TabTitleText } from '@patternfly/react-core';
import ClusterIcon from '@patternfly/react-icons/dist/esm/icons/cluster-icon';
import CubeIcon from '@patternfly/react-icons/dist/esm/icons/cube-icon';
import NetworkIcon from '@patternfly/react-icons/dist/esm/icons/network-icon';
import ServerIcon from '@patternfly/react-icons/dist/esm/icons/server-icon';
import { useShallow } from 'zustand/react/shallow';
import { tabElementId } from '../components/tab-id.ts';
import { HostTab } from '../host/HostTab.tsx';
import { NetworkTab } from '../network/NetworkTab.tsx';
import { closeTab, selectTab } from '../operations/view-operations.ts';
import { DatacenterTab } from '../rack/DatacenterTab.tsx';
import { useConsole } from '../state/store.ts';
import { titleOf } from '../state/tab-title.ts';
import { tabKey } from '../state/view.ts';
import { VmTab } from '../vm/VmTab.tsx';

const ICONS = { datacenter: ClusterIcon, network: NetworkIcon, host: ServerIcon, vm: CubeIcon };

export function WorkArea() {
  const tabs = useConsole((state) => state.view.tabs);
  const active = useConsole((state) => state.view.active);
  const titles = useConsole(useShallow((state) => state.view.tabs.map((tab) => titleOf(tab, state.fleet) ?? '(gone)')));
  const front = tabs.find((tab) => tabKey(tab) === active);
  return (
    <main className="tv-work">
      <Tabs
        aria-label="Open objects"
        className="tv-work-tabs"
        isBox
        activeKey={active}
        onSelect={(_, key) => selectTab(String(key))}
        onClose={(_, key) => closeTab(String(key))}
      >
        {tabs.map((tab, n) => {
          const Icon = ICONS[tab.kind];
          return (
            <Tab
              key={tabKey(tab)}
              eventKey={tabKey(tab)}
              id={`tab-${tabKey(tab)}`}
              tabContentId="work-panel"
              isCloseDisabled={tab.kind === 'datacenter'}
              closeButtonAriaLabel={`Close ${titles[n]}`}
              title={
                <>
                  <TabTitleIcon>
                    <Icon />
                  </TabTitleIcon>
                  <TabTitleText>{titles[n]}</TabTitleText>
                </>
              }
            />
          );
        })}
      </Tabs>
      <div
        className="tv-work-body"
        id="work-panel"
        role="tabpanel"
        aria-labelledby={tabElementId(active, `tab-${active}`)}
      >
        {front?.kind === 'datacenter' && <DatacenterTab />}
        {front?.kind === 'network' && <NetworkTab />}
        {front?.kind === 'host' && <HostTab key={front.id} hostId={front.id} />}
        {front?.kind === 'vm' && <VmTab key={front.id} vmId={front.id} />}
      </div>
    </main>
  );
}
