// What a device is in the ACPI namespace and, of interrupt controllers, in the MADT. Models describe theirs as data (device-model.ts), from
// which the tables are made for firmware and for kernels that are started directly alike.

/** A device on the ISA bus, at fixed places. */
export interface AcpiNode {
  /** Its name there, up to four characters. */
  name: string;
  /** PNP0501, or an identity of another form, such as QEMU0001. */
  hid: string;
  /** 1 if left out. */
  uid?: number;
  /** First port and how many. */
  ports?: readonly (readonly [first: number, count: number])[];
  irqs?: readonly number[];
  dmaChannels?: readonly number[];
}

/** Polarity and trigger mode of an interrupt (ACPI 6.4 §5.2.12.5). */
type InterruptSignal = 'as its bus' | 'level, active high';

/** An entry of the MADT. `interrupt` and `firstInterrupt` are global system interrupts. */
export type InterruptControllerEntry =
  | { kind: 'local-apic'; processor: number; id: number; address: number }
  | { kind: 'io-apic'; id: number; address: number; firstInterrupt: number }
  /** The line `irq` of the ISA bus is another input than that of its number, or signals otherwise than edges that go up. */
  | { kind: 'override'; irq: number; interrupt: number; signal: InterruptSignal }
  /** An input LINT0 or LINT1 of all local APICs through which NMIs come. */
  | { kind: 'local-nmi'; input: 0 | 1 };
