// The ACPI tables of the machine (ACPI 6.4, chapter 5): RSDP → RSDT → FADT → DSDT and FACS. They are made once, as two files of which
// it is said where they point to each other: firmware places them itself (table-loader.ts), and for a kernel that is started directly
// they are placed here, in the BIOS area, where a guest also finds the RSDP by searching. A machine with a local APIC has a MADT; there is no
// HPET, hence no HPET table.
import type { AcpiNode, InterruptControllerEntry } from '../bus/acpi-node.ts';
import { PM_TIMER_PORT, PM1_CONTROL_PORT, PM1_EVENT_PORT, SCI_IRQ } from '../devices/pci/acpi-registers.ts';
import { CENTURY } from '../devices/rtc/time-of-day.ts';
import type { Segment } from './boot-image.ts';
import { definitionBlock } from './dsdt.ts';

/** What of a machine the tables report. */
export interface AcpiMachine {
  memoryMiB: number;
  /** Beside the two 8259A; empty: there are no others. */
  interruptControllers: readonly InterruptControllerEntry[];
  hasDisplay: boolean;
  /** What is on the ISA bus. */
  nodes: readonly AcpiNode[];
}

type File = 'tables' | 'rsdp';

/** Where four bytes of a file are the address of something in `tables`: as they are, its offset there. */
interface Pointer {
  file: File;
  offset: number;
}

/** A byte of a file that makes the sum of a part of it zero. As it is, 0. */
interface Checksum {
  file: File;
  offset: number;
  start: number;
  length: number;
}

export interface AcpiFiles {
  /** On ALIGNMENT bytes. */
  tables: Uint8Array;
  rsdp: Uint8Array;
  pointers: readonly Pointer[];
  /** To be made after the pointers, in this order. */
  checksums: readonly Checksum[];
}

export interface AcpiTables {
  segments: Segment[];
  /** Guest-physical address of the root pointer. */
  rsdp: number;
}

export const ALIGNMENT = 64;
const BASE = 0xe0000;
const HEADER_SIZE = 36;
const HEADER_CHECKSUM = 9;
const RSDP_SIZE = 20;
const RSDP_CHECKSUM = 8;
const RSDP_RSDT = 16;
const FACS_SIZE = 64;
const FADT_SIZE = 244; // revision 3
const FADT_FACS = 36;
const FADT_DSDT = 40;
/** Eight bytes; X_FIRMWARE_CTRL stays zero, the 32-bit field is in force. */
const FADT_X_DSDT = 140;

// MADT (§5.2.12)
const PCAT_COMPAT = 1;
const PROCESSOR_LOCAL_APIC = 0;
const IO_APIC = 1;
const INTERRUPT_SOURCE_OVERRIDE = 2;
const LOCAL_APIC_NMI = 4;
const PROCESSOR_ENABLED = 1;
const ALL_PROCESSORS = 0xff;
const ISA = 0;
/** Of polarity and trigger mode. */
const SIGNALS = { 'as its bus': 0x0, 'level, active high': 0xd };

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
// The power button is of the fixed hardware: bit 4 is not set.
const FLAG_NO_FIXED_SLEEP_BUTTON = 1 << 5;
const FLAG_NO_FIXED_RTC_WAKE = 1 << 6;
const FLAG_RESET_REGISTER = 1 << 10;
const SYSTEM_IO = 1;
const RESET_PORT = 0xcf9;
const RESET_VALUE = 0x06;
const KEYBOARD = 'PNP0303';

export function buildAcpiFiles(machine: AcpiMachine): AcpiFiles {
  const files = { tables: [] as number[], rsdp: rootPointer() };
  const pointers: Pointer[] = [];
  const checksums: Checksum[] = [];
  /** Returns where it is. */
  const append = (bytes: Uint8Array): number => {
    const start = Math.ceil(files.tables.length / ALIGNMENT) * ALIGNMENT;
    files.tables.push(...new Array<number>(start - files.tables.length).fill(0), ...bytes);
    return start;
  };
  /** `fields`: offsets in the body's table of what points to another one. */
  const appendTable = (signature: string, revision: number, body: Uint8Array, fields: readonly number[] = []) => {
    const start = append(table(signature, revision, body));
    pointers.push(...fields.map((field): Pointer => ({ file: 'tables', offset: start + field })));
    const length = HEADER_SIZE + body.length;
    checksums.push({ file: 'tables', offset: start + HEADER_CHECKSUM, start, length });
    return start;
  };

  const facs = append(firmwareControl());
  const dsdt = appendTable('DSDT', 1, Uint8Array.from(definitionBlock(machine.nodes, machine.memoryMiB)));
  const fadt = appendTable('FACP', 3, fixedDescription(machine, facs, dsdt), [FADT_FACS, FADT_DSDT, FADT_X_DSDT]);
  const madt = interruptControllers(machine);
  const listed = madt ? [fadt, appendTable('APIC', 1, madt)] : [fadt];
  const body = Uint8Array.from(listed.flatMap((offset) => little(offset, 4)));
  const entries = listed.map((_, n) => HEADER_SIZE + 4 * n);
  const rsdt = appendTable('RSDT', 1, body, entries);

  files.rsdp.set(little(rsdt, 4), RSDP_RSDT);
  pointers.push({ file: 'rsdp', offset: RSDP_RSDT });
  checksums.push({ file: 'rsdp', offset: RSDP_CHECKSUM, start: 0, length: RSDP_SIZE });
  return { tables: Uint8Array.from(files.tables), rsdp: files.rsdp, pointers, checksums };
}

/** In the BIOS area, for a machine without firmware. */
export function buildAcpiTables(machine: AcpiMachine): AcpiTables {
  const { tables, rsdp, pointers, checksums } = buildAcpiFiles(machine);
  const files = { tables, rsdp };
  for (const { file, offset } of pointers) {
    const view = new DataView(files[file].buffer);
    view.setUint32(offset, view.getUint32(offset, true) + BASE + ALIGNMENT, true);
  }
  for (const { file, offset, start, length } of checksums)
    files[file][offset] = checksum(files[file].subarray(start, start + length));
  const segments = [
    { guestPhysical: BASE, bytes: rsdp },
    { guestPhysical: BASE + ALIGNMENT, bytes: tables },
  ];
  return { segments, rsdp: BASE };
}

/** Root system description pointer, revision 0. */
function rootPointer(): Uint8Array {
  const bytes = new Uint8Array(RSDP_SIZE);
  bytes.set(ascii('RSD PTR '), 0);
  bytes.set(ascii(OEM_ID), 9);
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
function fixedDescription({ nodes, hasDisplay }: AcpiMachine, facs: number, dsdt: number): Uint8Array {
  const bytes = new Uint8Array(FADT_SIZE);
  const view = new DataView(bytes.buffer);
  const hasKeyboard = nodes.some(({ hid }) => hid === KEYBOARD);
  view.setUint32(FADT_FACS, facs, true);
  view.setUint32(FADT_DSDT, dsdt, true);
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
  view.setUint16(
    109,
    BOOT_LEGACY_DEVICES | (hasKeyboard ? BOOT_KEYBOARD_CONTROLLER : 0) | (hasDisplay ? 0 : BOOT_NO_VGA),
    true,
  );
  view.setUint32(
    112,
    FLAG_WBINVD | FLAG_C1 | FLAG_NO_FIXED_SLEEP_BUTTON | FLAG_NO_FIXED_RTC_WAKE | FLAG_RESET_REGISTER,
    true,
  );
  bytes.set(ioAddress(RESET_PORT, 8), 116);
  bytes[128] = RESET_VALUE;
  view.setUint32(FADT_X_DSDT, dsdt, true);
  bytes.set(ioAddress(PM1_EVENT_PORT, 32), 148);
  bytes.set(ioAddress(PM1_CONTROL_PORT, 16), 172);
  bytes.set(ioAddress(PM_TIMER_PORT, 32), 208);
  return bytes.subarray(HEADER_SIZE);
}

/** Body of the MADT (§5.2.12), which also says that there are two 8259A; undefined: there is no local APIC. */
function interruptControllers({ interruptControllers: entries }: AcpiMachine): Uint8Array | undefined {
  const local = entries.find((entry) => entry.kind === 'local-apic');
  if (!local) return undefined;
  return Uint8Array.from([
    ...little(local.address, 4),
    ...little(PCAT_COMPAT, 4),
    ...entries.flatMap((entry) => {
      const [type, ...fields] = interruptController(entry);
      return [type, fields.length + 2, ...fields];
    }),
  ]);
}

/** Type and fields, without the length between them. */
function interruptController(entry: InterruptControllerEntry): number[] {
  switch (entry.kind) {
    case 'local-apic':
      return [PROCESSOR_LOCAL_APIC, entry.processor, entry.id, ...little(PROCESSOR_ENABLED, 4)];
    case 'io-apic':
      return [IO_APIC, entry.id, 0, ...little(entry.address, 4), ...little(entry.firstInterrupt, 4)];
    case 'override':
      return [
        ...[INTERRUPT_SOURCE_OVERRIDE, ISA, entry.irq],
        ...[...little(entry.interrupt, 4), ...little(SIGNALS[entry.signal], 2)],
      ];
    case 'local-nmi':
      return [LOCAL_APIC_NMI, ALL_PROCESSORS, ...little(SIGNALS['as its bus'], 2), entry.input];
  }
}

/** Generic address structure (§5.2.3.2) of an I/O port. */
function ioAddress(port: number, bits: number): number[] {
  return [SYSTEM_IO, bits, 0, 0, ...little(port, 4), 0, 0, 0, 0];
}

/** A table with the common header (§5.2.6), its checksum still to be made. */
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
  return bytes;
}

/** The byte that makes the sum zero. */
export function checksum(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}

function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

function little(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 0xff);
}
