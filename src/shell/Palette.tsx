// The command palette: every action by name, found as one types.
import { ModalBody } from '@patternfly/react-core';
import { type KeyboardEvent, useMemo, useState } from 'react';
import { paletteEntries } from '../actions/palette-entries.ts';
import { type PaletteEntry, searchEntries } from '../actions/palette-search.ts';
import { ModalDialog } from '../components/ModalDialog.tsx';
import { openPalette } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';

const SHOWN = 12;

export function Palette() {
  const fleet = useConsole((state) => state.fleet);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const entries = useMemo(() => searchEntries(paletteEntries(fleet), query).slice(0, SHOWN), [fleet, query]);
  const current = Math.min(chosen, entries.length - 1);

  function run(entry: PaletteEntry | undefined) {
    if (!entry) return;
    openPalette(false);
    entry.action.run();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter') run(entries[current]);
    else if (event.key === 'ArrowDown') setChosen(Math.min(current + 1, entries.length - 1));
    else if (event.key === 'ArrowUp') setChosen(Math.max(current - 1, 0));
    else return;
    event.preventDefault();
  }

  return (
    <ModalDialog aria-label="Command palette" firstField="palette-query" isPalette onClose={() => openPalette(false)}>
      <ModalBody>
        <input
          id="palette-query"
          className="tv-palette-query"
          role="combobox"
          aria-label="Search actions and objects"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={entries[current] ? `palette-${current}` : undefined}
          autoComplete="off"
          placeholder="What would you like to do?"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div id="palette-list" role="listbox" aria-label="Actions">
          {entries.map((entry, n) => (
            // The field keeps the focus and the keys.
            <div
              key={entry.key}
              id={`palette-${n}`}
              role="option"
              tabIndex={-1}
              aria-selected={n === current}
              className="tv-palette-entry"
              onMouseMove={() => setChosen(n)}
              onClick={() => run(entry)}
              onKeyDown={onKeyDown}
            >
              <entry.action.icon />
              {entry.action.label}
              {entry.target && <span className="tv-quiet">{entry.target}</span>}
            </div>
          ))}
        </div>
        {entries.length === 0 && <p className="tv-quiet tv-palette-none">Nothing is called that</p>}
      </ModalBody>
    </ModalDialog>
  );
}
