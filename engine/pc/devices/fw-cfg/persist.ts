// Saved form of the firmware configuration device: which item is being read, and how far; and a transfer that is under way.
import type { Upgrades } from '../../../base/upgrades.ts';

export interface FwCfgState {
  version: 2;
  selected: number;
  position: number;
  /** The upper half of a transfer's address, written before the lower one begins it. */
  addressHigh: number;
  transfer: FwCfgTransfer;
}

export interface FwCfgTransfer {
  /** Guest-physical address of its descriptor; NO_TRANSFER: there is none. */
  descriptor: number;
  /** The descriptor has been read; what follows is from there. */
  begun: boolean;
  control: number;
  /** Of what is left, guest-physical and in bytes. */
  address: number;
  length: number;
}

export const NO_TRANSFER = -1;

export function idle(): FwCfgTransfer {
  return { descriptor: NO_TRANSFER, begun: false, control: 0, address: 0, length: 0 };
}

export const FW_CFG_UPGRADES: Upgrades = {
  // The first version had no transfers.
  1: (form: object) => ({ ...form, addressHigh: 0, transfer: idle() }),
};
