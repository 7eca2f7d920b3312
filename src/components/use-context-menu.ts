// Opens an object's context menu: right click, or the menu key (Shift+F10) where the focus is.
import type { MouseEvent } from 'react';
import { openContextMenu } from '../operations/view-operations.ts';
import type { TabRef } from '../state/view.ts';

export function useContextMenu(target: TabRef) {
  return {
    onContextMenu(event: MouseEvent<HTMLElement>) {
      event.preventDefault();
      event.stopPropagation();
      const box = event.currentTarget.getBoundingClientRect();
      // The menu key gives no pointer position.
      const byPointer = event.clientX !== 0 || event.clientY !== 0;
      openContextMenu({
        target,
        x: byPointer ? event.clientX : box.left + 24,
        y: byPointer ? event.clientY : box.top + 24,
      });
    },
  };
}
