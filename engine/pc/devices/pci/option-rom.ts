// The option ROM of a card: an expansion ROM base address register with the ROM that the card's model was given, if any.

import { PAGE_SIZE } from '../../../base/sizes.ts';
import type { Board } from '../../bus/board.ts';
import { romWindow } from './bar-window.ts';
import type { PciDevice } from './pci-device.ts';

/** To be called when the card is created. `model`: the device model's name. `card`: no other of the machine's has that name. */
export function addOptionRom(board: Board, model: string, pci: PciDevice, card = model): void {
  const rom = board.optionRom(model);
  if (rom) pci.defineRom(rom.pages * PAGE_SIZE, romWindow(board.memoryMap, `ROM of ${card}`, rom));
}
