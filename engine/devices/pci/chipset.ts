// The PCI functions of the board: Intel 440FX host bridge, PIIX3 ISA bridge, PIIX4 power management, as QEMU's `pc` has
// them, set up as a BIOS leaves them.
import { PM1_EVENT_PORT, SCI_IRQ } from '../acpi-pm/registers.ts';
import { COMMAND, COMMAND_BUS_MASTER, COMMAND_IO, COMMAND_MEMORY, INTERRUPT_LINE } from './config-space.ts';
import { PciDevice } from './pci-device.ts';

const INTEL = 0x8086;

/** IRQs that PIRQA#..PIRQD# lead to; firmware/acpi.ts tells the guest the same. */
export const PIRQ_IRQS = [10, 10, 11, 11] as const;

const PIIX_PIRQ_ROUTE = 0x60;
const PIIX_ROUTE_DISABLED = 0x80;
const PIIX4_PM_BASE = 0x40;
const PIIX4_PM_ENABLE = 0x80;
const FX_PAM = 0x59;

/** Intel 82441FX. */
export function hostBridge(): PciDevice {
  const device = new PciDevice({ vendorId: INTEL, deviceId: 0x1237, revision: 2, classCode: 0x060000 });
  device.config.define(COMMAND, 2, COMMAND_MEMORY | COMMAND_BUS_MASTER);
  // The area C0000h..FFFFFh is RAM, readable and writable.
  for (let register = FX_PAM; register < FX_PAM + 7; register++) device.config.define(register, 1, 0x33);
  return device;
}

/** Intel 82371SB (PIIX3), function 0. Routes PCI interrupts: see `pirqRoute`. */
export function isaBridge(): PciDevice {
  const device = new PciDevice({
    vendorId: INTEL,
    deviceId: 0x7000,
    revision: 0,
    classCode: 0x060100,
    multifunction: true,
  });
  device.config.define(COMMAND, 2, COMMAND_IO | COMMAND_MEMORY | COMMAND_BUS_MASTER);
  for (const [i, irq] of PIRQ_IRQS.entries()) device.config.define(PIIX_PIRQ_ROUTE + i, 1, irq, 0x8f);
  return device;
}

/** The IRQ that PIRQ `n` (0 = A) is routed to; undefined while it is not. */
export function pirqRoute(isa: PciDevice, n: number): number | undefined {
  const route = isa.config.read(PIIX_PIRQ_ROUTE + n, 1);
  const irq = route & 15;
  return route & PIIX_ROUTE_DISABLED || [0, 1, 2, 8, 13].includes(irq) ? undefined : irq;
}

/** Intel 82371AB (PIIX4), function 3: says where the registers of acpi-pm are. They cannot be moved. */
export function powerManagement(): PciDevice {
  const device = new PciDevice({
    vendorId: INTEL,
    deviceId: 0x7113,
    revision: 3,
    classCode: 0x068000,
  });
  device.config.define(COMMAND, 2, COMMAND_IO);
  device.config.define(INTERRUPT_LINE, 1, SCI_IRQ, 0xff);
  device.config.define(PIIX4_PM_BASE, 4, PM1_EVENT_PORT | 1);
  device.config.define(PIIX4_PM_ENABLE, 1, 1);
  return device;
}
