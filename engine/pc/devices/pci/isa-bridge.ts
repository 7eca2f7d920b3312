// The ISA bridge of the board, a PIIX3 as in QEMU's `pc`, set up as a BIOS leaves it: where PCI interrupts lead.
import { COMMAND, COMMAND_BUS_MASTER, COMMAND_IO, COMMAND_MEMORY } from './config-space.ts';
import { INTEL, QEMU_SUBSYSTEM } from './identities.ts';
import { PciDevice } from './pci-device.ts';

/** Those that PCI interrupts may be led to: no device of the board has them. */
export const PCI_IRQS = [5, 10, 11] as const;
/** IRQs that PIRQA#..PIRQD# lead to; pc/firmware/dsdt.ts lets the guest change it. */
export const PIRQ_IRQS = [10, 10, 11, 11] as const;

const PIIX_PIRQ_ROUTE = 0x60;
const PIIX_ROUTE_DISABLED = 0x80;

/** Intel 82371SB (PIIX3), function 0. Routes PCI interrupts: see `pirqRoute`. */
export function isaBridge(): PciDevice {
  const device = new PciDevice({
    vendorId: INTEL,
    deviceId: 0x7000,
    revision: 0,
    classCode: 0x060100,
    multifunction: true,
    ...QEMU_SUBSYSTEM,
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
