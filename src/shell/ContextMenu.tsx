// The menu of the object that was right-clicked.
import { Menu, MenuContent, MenuItem, MenuList } from '@patternfly/react-core';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTargetActions } from '../actions/use-actions.ts';
import { openContextMenu } from '../operations/view-operations.ts';
import { useConsole } from '../state/store.ts';
import type { ContextMenuRef } from '../state/view.ts';

export function ContextMenu() {
  const menu = useConsole((state) => state.view.contextMenu);
  return menu ? <OpenMenu menu={menu} /> : null;
}

function OpenMenu({ menu }: { menu: ContextMenuRef }) {
  const actions = useTargetActions(menu.target);
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = place.current;
    if (!element) return;
    // Keep it inside the window.
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(4, Math.min(menu.x, innerWidth - width - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(menu.y, innerHeight - height - 4))}px`;
    const before = document.activeElement as HTMLElement | null;
    element.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    return () => before?.focus?.();
  }, [menu]);
  useEffect(() => {
    const close = () => openContextMenu(undefined);
    const onPointer = (event: PointerEvent) => {
      if (!place.current?.contains(event.target as Node)) close();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' || event.key === 'Tab') close();
    };
    addEventListener('pointerdown', onPointer, true);
    addEventListener('keydown', onKey);
    addEventListener('blur', close);
    return () => {
      removeEventListener('pointerdown', onPointer, true);
      removeEventListener('keydown', onKey);
      removeEventListener('blur', close);
    };
  }, []);
  return (
    <div ref={place} className="tv-context-menu">
      <Menu onSelect={() => openContextMenu(undefined)}>
        <MenuContent>
          <MenuList aria-label="Actions">
            {actions.map((action) => (
              <MenuItem
                key={action.id}
                icon={<action.icon />}
                isDanger={action.danger && !action.unavailable}
                isAriaDisabled={action.unavailable !== undefined}
                description={action.unavailable}
                onClick={action.run}
              >
                {action.label}
              </MenuItem>
            ))}
          </MenuList>
        </MenuContent>
      </Menu>
    </div>
  );
}
