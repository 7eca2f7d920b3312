// The drawer below: recent tasks and events. Folded it is one line that still says what runs.
import { Button, Tab, Tabs, TabTitleText } from '@patternfly/react-core';
import AngleDownIcon from '@patternfly/react-icons/dist/esm/icons/angle-down-icon';
import AngleUpIcon from '@patternfly/react-icons/dist/esm/icons/angle-up-icon';
import { tabElementId } from '../components/tab-id.ts';
import { showEvents, showTasks } from '../operations/view-operations.ts';
import { prefer, useConsole } from '../state/store.ts';
import { EventTable } from './EventTable.tsx';
import { TaskTable } from './TaskTable.tsx';
import './tasks.css';

export function TaskDrawer() {
  const open = useConsole((state) => state.preferences.drawerOpen);
  const running = useConsole((state) => state.tasks.filter((task) => task.status === 'running').length);
  const list = useConsole((state) => state.view.drawerList);
  return (
    <section className={`tv-drawer ${open ? 'tv-drawer-open' : ''}`} aria-label="Recent tasks and events">
      <div className="tv-drawer-bar">
        <Tabs
          aria-label="Recent"
          isSubtab
          hasNoBorderBottom
          activeKey={list}
          onSelect={(_, key) => {
            if (key === 'events') showEvents();
            else showTasks();
          }}
        >
          <Tab
            eventKey="tasks"
            id="drawer"
            tabContentId="drawer-list"
            title={<TabTitleText>Recent tasks</TabTitleText>}
          />
          <Tab eventKey="events" id="drawer" tabContentId="drawer-list" title={<TabTitleText>Events</TabTitleText>} />
        </Tabs>
        <span className="tv-quiet" role="status">
          {running > 0 ? `${running} running` : ''}
        </span>
        <LastResult />
        <Button
          variant="plain"
          size="sm"
          icon={open ? <AngleDownIcon /> : <AngleUpIcon />}
          aria-label={open ? 'Fold the drawer' : 'Open the drawer'}
          aria-expanded={open}
          onClick={() => prefer({ drawerOpen: !open })}
        />
      </div>
      {open && (
        <div className="tv-drawer-list" id="drawer-list" role="tabpanel" aria-labelledby={tabElementId(list, 'drawer')}>
          {list === 'tasks' ? <TaskTable /> : <EventTable />}
        </div>
      )}
    </section>
  );
}

/** Announces to a screen reader how the latest task ended. */
function LastResult() {
  const text = useConsole((state) => {
    const ended = state.tasks.filter((task) => task.endedAt !== undefined);
    const last = ended.sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))[0];
    return last ? `${last.label}, ${last.targetName}: ${last.status}` : '';
  });
  return (
    <span role="status" className="tv-visually-hidden">
      {text}
    </span>
  );
}
