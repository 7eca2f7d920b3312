// What a device is in the ACPI namespace. Models describe theirs as data (device-model.ts), from which the DSDT is made for firmware and
// for kernels that are started directly alike.

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
