import { DeviceSpecError, deviceModel } from '../../bus/device-model.ts';
import { SCI_IRQ } from '../pci/acpi-registers.ts';
import { PCI_IRQS } from '../pci/isa-bridge.ts';
import { IO_APIC_BASE, IoApic, TIMER_INPUT, TIMER_IRQ, VERSION_WITH_EOI } from './ioapic.ts';

const FIRST_VERSION = 0x11;

export const ioApicModel = deviceModel({
  name: 'ioapic',
  role: 'device',
  help: "the I/O APIC, beside the 8259s; with the CPU's local-apic",
  most: 1,
  properties: {
    version: {
      ...{ kind: 'number', least: FIRST_VERSION, most: VERSION_WITH_EOI, default: VERSION_WITH_EOI },
      help: 'of the chip: 17, or 32 with an EOI register',
    },
  },
  interruptControllers: () => [
    { kind: 'io-apic', id: 0, address: IO_APIC_BASE, firstInterrupt: 0 },
    { kind: 'override', irq: TIMER_IRQ, interrupt: TIMER_INPUT, signal: 'as its bus' },
    ...[...PCI_IRQS, SCI_IRQ]
      .toSorted((a, b) => a - b)
      .map((irq) => ({ kind: 'override', irq, interrupt: irq, signal: 'level, active high' }) as const),
  ],
  create(board, { version }) {
    if (version !== FIRST_VERSION && version !== VERSION_WITH_EOI)
      throw new DeviceSpecError(`version of ioapic must be ${FIRST_VERSION} or ${VERSION_WITH_EOI}`);
    if (!board.apicBus.hasProcessor) throw new DeviceSpecError('an ioapic needs a local-apic');
    const apic = new IoApic(board.apicBus, version);
    apic.attach(board.mmio);
    board.connectInterruptController(apic);
    return apic;
  },
});
