// The console's frame: masthead, inventory, work area, drawer, and what lies above them.
import { useEffect } from 'react';
import { Dialogs } from '../dialogs/Dialogs.tsx';
import { InventoryTree } from '../inventory/InventoryTree.tsx';
import { openPalette } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import { TaskDrawer } from '../tasks/TaskDrawer.tsx';
import { ContextMenu } from './ContextMenu.tsx';
import { Masthead } from './Masthead.tsx';
import { Notices } from './Notices.tsx';
import { Palette } from './Palette.tsx';
import { useLeaveWarning } from './use-leave-warning.ts';
import { useStrayFiles } from './use-stray-files.ts';
import { WorkArea } from './WorkArea.tsx';
import './shell.css';

export function App() {
  const inventoryOpen = useConsole((state) => state.preferences.inventoryOpen);
  const paletteOpen = useConsole((state) => state.view.paletteOpen);
  usePaletteKey();
  useLeaveWarning();
  useStrayFiles();
  return (
    <div className={`tv-shell ${inventoryOpen ? '' : 'tv-shell-wide'}`}>
      <Masthead />
      {inventoryOpen && (
        <nav className="tv-inventory" aria-label="Inventory">
          <InventoryTree />
        </nav>
      )}
      <WorkArea />
      <Notices />
      <TaskDrawer />
      <Dialogs />
      {paletteOpen && <Palette />}
      <ContextMenu />
    </div>
  );
}

/** Ctrl K or ⌘ K, except inside a terminal: there Ctrl K belongs to the guest. */
function usePaletteKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      if (event.ctrlKey && (event.target as Element).closest?.('.tv-terminal')) return;
      event.preventDefault();
      if (!useConsole.getState().view.draggedVm) openPalette(true);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
