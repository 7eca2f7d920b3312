// How a query finds its entry in the command palette.
import type { Action } from './action.ts';

export interface PaletteEntry {
  key: string;
  action: Action;
  /** The object it acts on; none for the datacenter and the console. */
  target?: string;
}

/** Every word of the query must begin a word of the entry; entries whose name starts with the query come first. */
export function searchEntries(entries: PaletteEntry[], query: string): PaletteEntry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const textOf = (entry: PaletteEntry) => `${entry.action.label} ${entry.target ?? ''}`.toLowerCase();
  const found = entries.filter((entry) => {
    const parts = textOf(entry).split(/\s+/);
    return words.every((word) => parts.some((part) => part.startsWith(word)));
  });
  const rank = (entry: PaletteEntry) => (textOf(entry).startsWith(query.toLowerCase()) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}
