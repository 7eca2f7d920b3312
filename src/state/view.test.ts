import { describe, expect, it } from 'vitest';
import type { FleetState } from './fleet.ts';
import {
  closeTab,
  type DialogRef,
  initialView,
  isOfSomethingGone,
  openContextMenu,
  openDialog,
  openPalette,
  openTab,
  tabKey,
} from './view.ts';

describe('tabs', () => {
  it('open once and come to the front', () => {
    const once = openTab(initialView, { kind: 'vm', id: 'v1' }, 'console');
    const twice = openTab(openTab(once, { kind: 'datacenter' }), { kind: 'vm', id: 'v1' });
    expect(twice.tabs.map(tabKey)).toEqual(['datacenter', 'vm:v1']);
    expect(twice.active).toBe('vm:v1');
    expect(twice.sections.v1).toBe('console');
  });

  it('leave the neighbour active when closed, and the Datacenter stays', () => {
    const two = openTab(openTab(initialView, { kind: 'vm', id: 'v1' }), { kind: 'host', id: 'h1' });
    const closed = closeTab(two, 'host:h1');
    expect(closed.active).toBe('vm:v1');
    expect(closeTab(closed, 'datacenter')).toBe(closed);
  });
});

describe('a dialog', () => {
  const vms = { v1: {} };
  const hosts = { h1: {} };
  const fleet = { vms, hosts } as unknown as FleetState;

  it.each([
    [undefined, false],
    [{ kind: 'help' }, false],
    [{ kind: 'new-vm', hostId: 'h2' }, false],
    [{ kind: 'migrate', vmId: 'v1' }, false],
    [{ kind: 'migrate', vmId: 'v2' }, true],
    [{ kind: 'confirm', what: 'delete-vm', vmId: 'v2' }, true],
    [{ kind: 'confirm', what: 'remove-host', hostId: 'h1' }, false],
    [{ kind: 'confirm', what: 'remove-host', hostId: 'h2' }, true],
  ] as [DialogRef | undefined, boolean][])('%j: is of something gone: %s', (dialog, gone) => {
    expect(isOfSomethingGone(dialog, fleet)).toBe(gone);
  });
});

describe('what lies over the console', () => {
  const menu = { target: { kind: 'datacenter' } as const, x: 1, y: 1 };

  it('is one thing at a time, and nothing opens over a dialog', () => {
    const dialog = openDialog(openPalette(initialView, true), { kind: 'help' });
    expect(dialog).toMatchObject({ paletteOpen: false, dialog: { kind: 'help' } });
    expect(openPalette(dialog, true)).toBe(dialog);
    expect(openContextMenu(dialog, menu)).toBe(dialog);
    expect(openPalette(openContextMenu(initialView, menu), true)).toMatchObject({
      paletteOpen: true,
      contextMenu: undefined,
    });
    expect(openPalette(openDialog(dialog, undefined), true).paletteOpen).toBe(true);
  });

  it('is no menu while a VM hangs on the finger', () => {
    const dragging = { ...initialView, draggedVm: 'v' };
    expect(openContextMenu(dragging, menu)).toBe(dragging);
  });
});
