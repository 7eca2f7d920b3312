// The DSDT's definition block: what stands on the board beyond what a guest can probe for, and how interrupts are wired.
// Interrupts are the lines of the ISA bus, to the two 8259A and an I/O APIC alike. Those of PCI reach them through four link devices, the
// routers of the PIIX3, so that a guest may lead them elsewhere; which controllers it uses (_PIC) makes no difference, as with QEMU's `pc`.
// What is on the ISA bus is said by the device models.
import type { AcpiNode } from '../bus/acpi-node.ts';
import { PM_PORT_COUNT, PM1_EVENT_PORT, SLEEP_TYPE_S5 } from '../devices/pci/acpi-registers.ts';
import { PCI_IRQS } from '../devices/pci/isa-bridge.ts';
import {
  type Aml,
  and,
  argument0,
  busNumbers,
  byteFields,
  configRegion,
  device,
  dmaChannel,
  doublewordField,
  eisaId,
  integer,
  ioPorts,
  ioWindow,
  irq,
  memoryWindow,
  method,
  named,
  nameString,
  or,
  packageOf,
  resources,
  returned,
  scope,
  sharedInterrupt,
  store,
  text,
  when,
} from './aml.ts';

/** Where memory BARs may be placed: behind the RAM, as SeaBIOS does, and below the flash ROM's and APICs' usual places. */
const PCI_MEMORY_FIRST = { small: 0x80000000, large: 0xc0000000 };
const PCI_MEMORY_LAST = 0xfebfffff;
const SMALL_MIB = 2048;
const SLOTS = 32;
const ANY_FUNCTION = 0xffff;

// The interrupt router (82371SB datasheet, §2.2.7: PIRQRC[A:D])
const ROUTER = 0x60;
const ROUTES = ['PRQA', 'PRQB', 'PRQC', 'PRQD'];
const LINKS = ['LNKA', 'LNKB', 'LNKC', 'LNKD'];
const ROUTE_DISABLED = 0x80;
const ROUTE_IRQ = 0x0f;
/** Of _STA (§6.3.7). */
const PRESENT = 0x0b;
const PRESENT_DISABLED = 0x09;
const PRESENT_SHOWN = 0x0f;
/** Where an interrupt descriptor has its number. */
const INTERRUPT_NUMBER = 5;

/** `nodes`: what is on the ISA bus. */
export function definitionBlock(nodes: readonly AcpiNode[], memoryMiB: number): Aml {
  const { small, large } = PCI_MEMORY_FIRST;
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
            memoryWindow(memoryMiB <= SMALL_MIB ? small : large, PCI_MEMORY_LAST),
          ),
        ),
        named('_PRT', interruptRouting()),
        device(
          'ISA',
          named('_ADR', integer(0x00010000)),
          configRegion('PIRQ', ROUTER, ROUTES.length),
          ...BOARD_NODES.map(isaDevice),
          ...nodes.map(isaDevice),
        ),
        byteFields('ISA.PIRQ', ROUTES),
        ...LINKS.map(linkDevice),
      ),
    ),
  ];
}

/** For each pin of each slot: address, pin, link device, index. The wiring is PciBus.add's. */
function interruptRouting(): Aml {
  const entries: Aml[] = [];
  for (let slot = 1; slot < SLOTS; slot++) {
    for (let pin = 0; pin < 4; pin++) {
      const link = nameString(LINKS[(pin + slot - 1) & 3]);
      entries.push(packageOf(integer(slot * 0x10000 + ANY_FUNCTION), integer(pin), link, integer(0)));
    }
  }
  return packageOf(...entries);
}

/** A PCI interrupt link (§6.2.13): what it may lead to, where it does, and how that is changed. */
function linkDevice(name: string, index: number): Aml {
  const route = nameString(ROUTES[index]);
  const number = nameString('NUMB');
  return device(
    name,
    named('_HID', eisaId('PNP0C0F')),
    named('_UID', integer(index + 1)),
    named('_PRS', resources(sharedInterrupt(...PCI_IRQS))),
    named('BUFA', resources(sharedInterrupt(0))),
    method(
      '_STA',
      0,
      when(and(route, integer(ROUTE_DISABLED)), returned(integer(PRESENT_DISABLED))),
      returned(integer(PRESENT)),
    ),
    method('_DIS', 0, store(or(route, integer(ROUTE_DISABLED)), route)),
    method(
      '_CRS',
      0,
      doublewordField(nameString('BUFA'), INTERRUPT_NUMBER, 'NUMB'),
      store(integer(0), number),
      when(and(route, integer(ROUTE_DISABLED)), returned(nameString('BUFA'))),
      store(and(route, integer(ROUTE_IRQ)), number),
      returned(nameString('BUFA')),
    ),
    method('_SRS', 1, doublewordField(argument0, INTERRUPT_NUMBER, 'NUMB'), store(number, route)),
  );
}

const BOARD_NODES: readonly AcpiNode[] = [
  {
    ...{ name: 'PIC', hid: 'PNP0000', irqs: [2] },
    ports: [
      [0x20, 2],
      [0xa0, 2],
      [0x4d0, 2],
    ],
  },
  // Ports that no driver claims but nothing else may be put on: POST, system control, power management.
  {
    ...{ name: 'RSVD', hid: 'PNP0C02' },
    ports: [
      [0x80, 1],
      [0x92, 1],
      [PM1_EVENT_PORT, PM_PORT_COUNT],
    ],
  },
];

function isaDevice({ name, hid, uid = 1, ports = [], irqs = [], dmaChannels = [] }: AcpiNode): Aml {
  const isEisa = /^PNP[0-9A-F]{4}$/.test(hid);
  return device(
    name,
    named('_HID', isEisa ? eisaId(hid) : text(hid)),
    named('_UID', integer(uid)),
    named('_STA', integer(PRESENT_SHOWN)),
    named(
      '_CRS',
      resources(
        ...ports.map(([first, count]) => ioPorts(first, count)),
        ...irqs.map(irq),
        ...dmaChannels.map(dmaChannel),
      ),
    ),
  );
}
