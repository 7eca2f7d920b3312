// One line above everything: name, search and palette, what concerns the whole console.
import {
  Button,
  MastheadBrand,
  MastheadContent,
  MastheadMain,
  MastheadToggle,
  NotificationBadge,
  Masthead as PfMasthead,
} from '@patternfly/react-core';
import BarsIcon from '@patternfly/react-icons/dist/esm/icons/bars-icon';
import MoonIcon from '@patternfly/react-icons/dist/esm/icons/moon-icon';
import NetworkIcon from '@patternfly/react-icons/dist/esm/icons/network-icon';
import NetworkWiredIcon from '@patternfly/react-icons/dist/esm/icons/network-wired-icon';
import QuestionCircleIcon from '@patternfly/react-icons/dist/esm/icons/question-circle-icon';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import SunIcon from '@patternfly/react-icons/dist/esm/icons/sun-icon';
import { openDialog, openPalette, openTab, showEvents, switchTheme } from '../operations/view-operations.ts';
import { troubleSince } from '../state/notices.ts';
import { prefer, useConsole } from '../state/store.ts';
import { NETWORK } from '../state/view.ts';

export function Masthead() {
  const theme = useConsole((state) => state.preferences.theme);
  const inventoryOpen = useConsole((state) => state.preferences.inventoryOpen);
  return (
    <PfMasthead className="tv-masthead" display={{ default: 'inline' }}>
      <MastheadMain>
        <MastheadToggle>
          <Button
            variant="plain"
            icon={<BarsIcon />}
            aria-label="Inventory"
            aria-expanded={inventoryOpen}
            onClick={() => prefer({ inventoryOpen: !inventoryOpen })}
          />
        </MastheadToggle>
        <MastheadBrand>
          <span className="tv-brand">tabvisor</span>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <button type="button" className="tv-search" onClick={() => openPalette(true)}>
          <SearchIcon /> Search actions and objects <kbd>Ctrl K</kbd>
        </button>
        <div className="tv-masthead-tools">
          <Bell />
          <Button variant="plain" icon={<NetworkIcon />} aria-label="Networking" onClick={() => openTab(NETWORK)} />
          <Button
            variant="plain"
            icon={<NetworkWiredIcon />}
            aria-label="Link settings"
            onClick={() => openDialog({ kind: 'link' })}
          />
          <Button
            variant="plain"
            icon={theme === 'dark' ? <SunIcon /> : <MoonIcon />}
            aria-label={theme === 'dark' ? 'Light theme' : 'Dark theme'}
            onClick={switchTheme}
          />
          <Button
            variant="plain"
            icon={<QuestionCircleIcon />}
            aria-label="Help"
            onClick={() => openDialog({ kind: 'help' })}
          />
        </div>
      </MastheadContent>
    </PfMasthead>
  );
}

/** What went wrong since one looked. */
function Bell() {
  const count = useConsole(({ events, view, preferences }) =>
    preferences.drawerOpen && view.drawerList === 'events' ? 0 : troubleSince(events, view.eventsSeenAt),
  );
  return (
    <NotificationBadge
      variant={count > 0 ? 'attention' : 'read'}
      count={count}
      aria-label={count > 0 ? `Events: ${count} warnings or errors since you looked` : 'Events'}
      onClick={showEvents}
    />
  );
}
