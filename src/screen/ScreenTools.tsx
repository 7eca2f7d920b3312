// The controls in the bar over a VM's screen.
import {
  Button,
  Dropdown,
  DropdownItem,
  DropdownList,
  MenuToggle,
  Select,
  SelectList,
  SelectOption,
  Tooltip,
} from '@patternfly/react-core';
import { type ReactNode, type Ref, useRef, useState } from 'react';
import type { LayoutName } from '../../engine/host/api.ts';
import { KEYBOARD_LAYOUTS } from '../../engine/pc/input/keyboard-layouts.ts';
import { combinationEvents, KEY_COMBINATIONS } from './key-combinations.ts';

/** Where menus and tooltips of a control lie: in its own window, and over what fills the display, outside of which nothing is seen. */
function layerOf(control: Element | null): HTMLElement {
  const { fullscreenElement, body } = control?.ownerDocument ?? document;
  return (fullscreenElement as HTMLElement | null) ?? body;
}

export function Tool({
  label,
  icon,
  onClick,
  onBlur,
  disabled = false,
  pressed,
}: {
  label: string;
  icon: ReactNode;
  onClick(): void;
  onBlur?(): void;
  disabled?: boolean;
  pressed?: boolean;
}) {
  const button = useRef<HTMLButtonElement>(null);
  return (
    <Tooltip
      content={label}
      aria="none"
      entryDelay={500}
      position="bottom"
      triggerRef={button}
      appendTo={() => layerOf(button.current)}
    >
      <Button
        ref={button}
        variant="plain"
        size="sm"
        icon={icon}
        aria-label={label}
        {...(pressed !== undefined && { 'aria-pressed': pressed })}
        // It keeps the focus when the VM goes off under it.
        isAriaDisabled={disabled}
        onClick={onClick}
        onBlur={onBlur}
      />
    </Tooltip>
  );
}

/** Keys that the browser or its system keeps for itself. */
export function SendKeys({
  buttonRef,
  disabled,
  onSend,
}: {
  buttonRef: Ref<HTMLButtonElement>;
  disabled: boolean;
  onSend(events: ReturnType<typeof combinationEvents>): void;
}) {
  const [open, setOpen] = useState(false);
  const owner = useRef<HTMLDivElement>(null);
  return (
    <div ref={owner}>
      <Dropdown
        isOpen={open}
        onOpenChange={setOpen}
        onSelect={() => setOpen(false)}
        isScrollable
        shouldFocusFirstItemOnOpen
        popperProps={{ appendTo: () => layerOf(owner.current) }}
        toggle={(ref: Ref<HTMLButtonElement>) => (
          <MenuToggle
            ref={(element: HTMLButtonElement | null) => {
              for (const each of [ref, buttonRef]) if (each && typeof each === 'object') each.current = element;
            }}
            size="sm"
            isExpanded={open}
            onClick={() => setOpen(!open)}
          >
            Send keys
          </MenuToggle>
        )}
      >
        <DropdownList>
          {KEY_COMBINATIONS.map((combination) => (
            <DropdownItem
              key={combination.label}
              isAriaDisabled={disabled}
              onClick={() => onSend(combinationEvents(combination))}
            >
              {combination.label}
            </DropdownItem>
          ))}
        </DropdownList>
      </Dropdown>
    </div>
  );
}

/** What is printed on the keys of the guests' keyboards: by that, pasted text is typed. */
export function LayoutChoice({ layout, onChoose }: { layout: LayoutName; onChoose(layout: LayoutName): void }) {
  const [open, setOpen] = useState(false);
  const owner = useRef<HTMLDivElement>(null);
  const { name } = KEYBOARD_LAYOUTS[layout];
  return (
    <div ref={owner}>
      <Select
        isOpen={open}
        onOpenChange={setOpen}
        selected={layout}
        onSelect={(_, chosen) => {
          onChoose(chosen as LayoutName);
          setOpen(false);
          owner.current?.querySelector('button')?.focus();
        }}
        shouldFocusFirstItemOnOpen
        popperProps={{ appendTo: () => layerOf(owner.current) }}
        toggle={(ref: Ref<HTMLButtonElement>) => (
          <MenuToggle
            ref={ref}
            variant="plainText"
            size="sm"
            isExpanded={open}
            aria-label={`Keyboard for pasted text: ${name}`}
            onClick={() => setOpen(!open)}
          >
            {layout.toUpperCase()}
          </MenuToggle>
        )}
      >
        <SelectList aria-label="Keyboard for pasted text">
          {Object.entries(KEYBOARD_LAYOUTS).map(([value, { name }]) => (
            <SelectOption key={value} value={value}>
              {name}
            </SelectOption>
          ))}
        </SelectList>
      </Select>
    </div>
  );
}
