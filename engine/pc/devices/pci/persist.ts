import type { Upgrades } from '../../../base/upgrades.ts';

export const PCI_UPGRADES: Upgrades = {
  // Of the first version were machines with fewer functions built in.
  1: (form: object) => form,
};

export interface PciState {
  version: 2;
  /** Port CF8h. */
  address: number;
  /** Port CF9h without its trigger bit. */
  resetControl: number;
  /** Configuration spaces by "slot.function". */
  functions: Record<string, Uint8Array>;
}
