// One terminal per VM whose tab is open.
import { useConsole } from '../state/store.ts';
import { tabKey } from '../state/view.ts';
import { ConsoleTerminal } from './console-terminal.ts';

const terminals = new Map<string, ConsoleTerminal>();

export function terminalOf(vmId: string, name: string): ConsoleTerminal {
  const terminal = terminals.get(vmId) ?? new ConsoleTerminal(vmId, name);
  terminals.set(vmId, terminal);
  return terminal;
}

useConsole.subscribe((state, before) => {
  if (state.view.tabs === before.view.tabs) return;
  const open = new Set(state.view.tabs.map(tabKey));
  for (const [vmId, terminal] of terminals) {
    if (open.has(`vm:${vmId}`)) continue;
    terminal.dispose();
    terminals.delete(vmId);
  }
});
