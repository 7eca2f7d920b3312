// One thing that the user can do to an object. The same list feeds the card's menu, the context menus and the palette.
import type { ComponentType } from 'react';

export interface Action {
  id: string;
  /** Ends in "…" when something is asked first. */
  label: string;
  icon: ComponentType;
  run(): void;
  /** User-facing message: why it cannot be done now; undefined = it can. */
  unavailable?: string;
  /** Also a button of its own on the object's card. */
  quick?: boolean;
  danger?: boolean;
}
