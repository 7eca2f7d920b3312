import { deviceModel } from '../../bus/device-model.ts';
import { SCI_IRQ } from '../pci/acpi-registers.ts';
import { portWindow } from '../pci/bar-window.ts';
import { PowerManagement } from '../pci/power-management.ts';
import { AcpiPm, PM_BLOCK_SIZE } from './acpi-pm.ts';

/** The chipset's function that says where the registers are. */
const SLOT = 1;
const FUNCTION = 3;

export const acpiPmModel = deviceModel({
  name: 'acpi-pm',
  role: 'board',
  help: 'ACPI power management',
  builtIn: [{}],
  properties: {},
  create(board) {
    const irq = board.interruptLine(SCI_IRQ);
    const acpiPm = new AcpiPm({ clock: board.clock, irq, powerOff: () => board.powerOff() });
    board.pci.add(SLOT, FUNCTION, new PowerManagement(portWindow(board.ports, PM_BLOCK_SIZE, acpiPm)));
    board.connectPowerButton(acpiPm);
    return acpiPm;
  },
});
