// The DSDT's definition block: what stands on the board beyond what a guest can probe for, and how interrupts are wired.
// Interrupts are those of the two 8259A (there is no I/O APIC), and PCI interrupts lead to them without link devices.
import { PM_PORT_COUNT, PM1_EVENT_PORT, SLEEP_TYPE_S5 } from '../devices/pci/acpi-registers.ts';
import { PIRQ_IRQS } from '../devices/pci/isa-bridge.ts';
import { PVPANIC_PORT } from '../devices/pvpanic/pvpanic.ts';
import {
  type Aml,
  busNumbers,
  device,
  dmaChannel,
  eisaId,
  integer,
  ioPorts,
  ioWindow,
  irq,
  memoryWindow,
  named,
  packageOf,
  resources,
  scope,
  text,
} from './aml.ts';

/** Where memory BARs may be placed, below the flash ROM's and APICs' usual places. */
const PCI_MEMORY = { first: 0xe0000000, last: 0xfebfffff };
const SLOTS = 32;
const ANY_FUNCTION = 0xffff;

export function definitionBlock(): Aml {
  return [
    ...named('\\_S5', packageOf(integer(SLEEP_TYPE_S5), integer(SLEEP_TYPE_S5), integer(0), integer(0))),
    ...scope(
      '\\_SB',
      device(
        'PCI0',
        named('_HID', eisaId('PNP0A03')),
        named('_UID', integer(0)),
        named(
          '_CRS',
          resources(
            busNumbers(0, 255),
            ioPorts(0xcf8, 8),
            ioWindow(0x0000, 0x0cf7),
            ioWindow(0x0d00, 0xffff),
            memoryWindow(0xa0000, 0xbffff),
            memoryWindow(PCI_MEMORY.first, PCI_MEMORY.last),
          ),
        ),
        named('_PRT', interruptRouting()),
        device('ISA', named('_ADR', integer(0x00010000)), ...isaDevices()),
      ),
    ),
  ];
}

/** For each pin of each slot: address, pin, no link device, interrupt. The wiring is PciBus.add's. */
function interruptRouting(): Aml {
  const entries: Aml[] = [];
  for (let slot = 1; slot < SLOTS; slot++) {
    for (let pin = 0; pin < 4; pin++) {
      const line = PIRQ_IRQS[(pin + slot - 1) & 3];
      entries.push(packageOf(integer(slot * 0x10000 + ANY_FUNCTION), integer(pin), integer(0), integer(line)));
    }
  }
  return packageOf(...entries);
}

function isaDevices(): Aml[] {
  return [
    isaDevice('PIC', 'PNP0000', ioPorts(0x20, 2), ioPorts(0xa0, 2), ioPorts(0x4d0, 2), irq(2)),
    isaDevice('TMR', 'PNP0100', ioPorts(0x40, 4), irq(0)),
    isaDevice('DMA', 'PNP0200', ioPorts(0x00, 16), ioPorts(0x81, 15), ioPorts(0xc0, 32), dmaChannel(4)),
    isaDevice('RTC', 'PNP0B00', ioPorts(0x70, 2), irq(8)),
    isaDevice('KBD', 'PNP0303', ioPorts(0x60, 1), ioPorts(0x64, 1), irq(1)),
    isaDevice('MOU', 'PNP0F13', irq(12)),
    isaDevice('SPKR', 'PNP0800', ioPorts(0x61, 1)),
    isaDevice('COM1', 'PNP0501', ioPorts(0x3f8, 8), irq(4)),
    // Present, enabled, shown, working: QEMU's way to report it to guests (docs/specs/pvpanic.rst).
    device(
      'PEVT',
      named('_HID', text('QEMU0001')),
      named('_STA', integer(0x0f)),
      named('_CRS', resources(ioPorts(PVPANIC_PORT, 1))),
    ),
    // Ports that no driver claims but nothing else may be put on: system control, POST, power management.
    isaDevice('RSVD', 'PNP0C02', ioPorts(0x80, 1), ioPorts(0x92, 1), ioPorts(PM1_EVENT_PORT, PM_PORT_COUNT)),
  ];
}

function isaDevice(name: string, id: string, ...descriptors: Aml[]): Aml {
  return device(name, named('_HID', eisaId(id)), named('_UID', integer(1)), named('_CRS', resources(...descriptors)));
}
