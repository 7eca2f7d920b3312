// An object's actions behind one button.
import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { type Ref, useState } from 'react';
import type { Action } from '../actions/action.ts';

export function ActionMenu({ actions, label }: { actions: Action[]; label: string }) {
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right', appendTo: () => document.body }}
      shouldFocusFirstItemOnOpen
      toggle={(ref: Ref<HTMLButtonElement>) => (
        <MenuToggle
          ref={ref}
          variant="plain"
          size="sm"
          aria-label={label}
          isExpanded={open}
          icon={<EllipsisVIcon />}
          onClick={() => setOpen(!open)}
        />
      )}
    >
      <DropdownList>
        {actions.map((action) => (
          <DropdownItem
            key={action.id}
            icon={<action.icon />}
            isDanger={action.danger && !action.unavailable}
            isAriaDisabled={action.unavailable !== undefined}
            description={action.unavailable}
            onClick={action.run}
          >
            {action.label}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}
