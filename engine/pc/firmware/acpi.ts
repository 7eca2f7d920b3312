// The ACPI tables of the machine (ACPI 6.4, chapter 5): RSDP → RSDT → FADT → DSDT and FACS, in one piece of memory in the
// BIOS area, where a guest also finds the RSDP by searching. A machine with a local APIC has a MADT that says so; there is no
// I/O APIC and no HPET, hence no other entry and no HPET table.
import { PM_TIMER_PORT, PM1_CONTROL_PORT, PM1_EVENT_PORT, SCI_IRQ } from '../devices/pci/acpi-registers.ts';
import { CENTURY } from '../devices/rtc/time-of-day.ts';
import type { Segment } from './boot-image.ts';
import { definitionBlock } from './dsdt.ts';

export interface AcpiTables {
  segments: Segment[];
  /** Guest-physical address of the root pointer. */
  rsdp: number;
}

const BASE = 0xe0000;
const HEADER_SIZE = 36;
const RSDP_SIZE = 20;
const FACS_SIZE = 64;
const FADT_SIZE = 244; // revision 3
const ALIGNMENT = 64;

// MADT (§5.2.12)
const LOCAL_APIC_BASE = 0xfee00000;
const PCAT_COMPAT = 1;
const PROCESSOR_LOCAL_APIC = 0;
const PROCESSOR_ENTRY_SIZE = 8;
const PROCESSOR_ENABLED = 1;
const MADT_BODY_SIZE = 8 + PROCESSOR_ENTRY_SIZE;

const OEM_ID = 'TABVSR';
const OEM_TABLE_ID = 'TABVISOR';
const CREATOR_ID = 'TABV';

// FADT (§5.2.9)
const PROFILE_DESKTOP = 1;
const LATENCY_NO_C2 = 101;
const LATENCY_NO_C3 = 1001;
const BOOT_LEGACY_DEVICES = 1 << 0;
const BOOT_KEYBOARD_CONTROLLER = 1 << 1;
const BOOT_NO_VGA = 1 << 2;
const FLAG_WBINVD = 1 << 0;
const FLAG_C1 = 1 << 2;
const FLAG_NO_FIXED_POWER_BUTTON = 1 << 4;
const FLAG_NO_FIXED_SLEEP_BUTTON = 1 << 5;
const FLAG_NO_FIXED_RTC_WAKE = 1 << 6;
const FLAG_RESET_REGISTER = 1 << 10;
const SYSTEM_IO = 1;
const RESET_PORT = 0xcf9;
const RESET_VALUE = 0x06;

/** `localApic`: the machine has one. */
export function buildAcpiTables(localApic = false): AcpiTables {
  const facs = BASE + ALIGNMENT;
  const rsdt = facs + FACS_SIZE;
  const fadt = align(rsdt + HEADER_SIZE + 2 * 4);
  const madt = align(fadt + FADT_SIZE);
  const dsdt = align(madt + HEADER_SIZE + MADT_BODY_SIZE);
  const dsdtBody = Uint8Array.from(definitionBlock());
  const tables = localApic ? [fadt, madt] : [fadt];

  const bytes = new Uint8Array(dsdt - BASE + HEADER_SIZE + dsdtBody.length);
  bytes.set(rootPointer(rsdt), 0);
  bytes.set(firmwareControl(), facs - BASE);
  bytes.set(table('RSDT', 1, Uint8Array.from(tables.flatMap((address) => little(address, 4)))), rsdt - BASE);
  if (localApic) bytes.set(table('APIC', 1, processors()), madt - BASE);
  bytes.set(table('FACP', 3, fixedDescription(facs, dsdt)), fadt - BASE);
  bytes.set(table('DSDT', 1, dsdtBody), dsdt - BASE);
  return { segments: [{ guestPhysical: BASE, bytes }], rsdp: BASE };
}

/** Root system description pointer, revision 0. */
function rootPointer(rsdt: number): Uint8Array {
  const bytes = new Uint8Array(RSDP_SIZE);
  bytes.set(ascii('RSD PTR '), 0);
  bytes.set(ascii(OEM_ID), 9);
  bytes.set(little(rsdt, 4), 16);
  bytes[8] = checksum(bytes);
  return bytes;
}

/** Firmware ACPI control structure: the global lock, and no waking vector since there is nothing to wake from. */
function firmwareControl(): Uint8Array {
  const bytes = new Uint8Array(FACS_SIZE);
  bytes.set(ascii('FACS'), 0);
  bytes.set(little(FACS_SIZE, 4), 4);
  return bytes;
}

/** Body of the FADT, revision 3, after its header. */
function fixedDescription(facs: number, dsdt: number): Uint8Array {
  const bytes = new Uint8Array(FADT_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(36, facs, true);
  view.setUint32(40, dsdt, true);
  bytes[45] = PROFILE_DESKTOP;
  view.setUint16(46, SCI_IRQ, true);
  // 48 SMI command port: none, the machine is always in ACPI mode
  view.setUint32(56, PM1_EVENT_PORT, true);
  view.setUint32(64, PM1_CONTROL_PORT, true);
  view.setUint32(76, PM_TIMER_PORT, true);
  bytes[88] = 4; // bytes of the PM1 event block
  bytes[89] = 2; // of the PM1 control block
  bytes[91] = 4; // of the timer
  view.setUint16(96, LATENCY_NO_C2, true);
  view.setUint16(98, LATENCY_NO_C3, true);
  bytes[108] = CENTURY;
  view.setUint16(109, BOOT_LEGACY_DEVICES | BOOT_KEYBOARD_CONTROLLER | BOOT_NO_VGA, true);
  view.setUint32(
    112,
    FLAG_WBINVD |
      FLAG_C1 |
      FLAG_NO_FIXED_POWER_BUTTON |
      FLAG_NO_FIXED_SLEEP_BUTTON |
      FLAG_NO_FIXED_RTC_WAKE |
      FLAG_RESET_REGISTER,
    true,
  );
  bytes.set(ioAddress(RESET_PORT, 8), 116);
  bytes[128] = RESET_VALUE;
  view.setUint32(140, dsdt, true); // X_DSDT; X_FIRMWARE_CTRL stays zero, the 32-bit field is in force
  bytes.set(ioAddress(PM1_EVENT_PORT, 32), 148);
  bytes.set(ioAddress(PM1_CONTROL_PORT, 16), 172);
  bytes.set(ioAddress(PM_TIMER_PORT, 32), 208);
  return bytes.subarray(HEADER_SIZE);
}

/** Body of the MADT (§5.2.12): the one processor with its local APIC, and that there are two 8259A. */
function processors(): Uint8Array {
  return Uint8Array.from([
    ...little(LOCAL_APIC_BASE, 4),
    ...little(PCAT_COMPAT, 4),
    ...[PROCESSOR_LOCAL_APIC, PROCESSOR_ENTRY_SIZE, 0, 0, ...little(PROCESSOR_ENABLED, 4)],
  ]);
}

/** Generic address structure (§5.2.3.2) of an I/O port. */
function ioAddress(port: number, bits: number): number[] {
  return [SYSTEM_IO, bits, 0, 0, ...little(port, 4), 0, 0, 0, 0];
}

/** A table with the common header (§5.2.6). */
function table(signature: string, revision: number, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE + body.length);
  bytes.set(ascii(signature), 0);
  bytes.set(little(bytes.length, 4), 4);
  bytes[8] = revision;
  bytes.set(ascii(OEM_ID), 10);
  bytes.set(ascii(OEM_TABLE_ID), 16);
  bytes.set(little(1, 4), 24);
  bytes.set(ascii(CREATOR_ID), 28);
  bytes.set(little(1, 4), 32);
  bytes.set(body, HEADER_SIZE);
  bytes[9] = checksum(bytes);
  return bytes;
}

/** The byte that makes the sum zero. */
function checksum(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

function little(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 0xff);
}
