// How firmware is told to place tables that point to each other: the file etc/table-loader of QEMU's firmware interface, a list
// of commands in 128 bytes each, all little-endian (QEMU, "bios-linker-loader": allocate a file, add a file's address to a pointer
// in another, make a checksum).
import { type AcpiFiles, ALIGNMENT } from './acpi.ts';

const TABLES = 'etc/acpi/tables';
const RSDP = 'etc/acpi/rsdp';
const NAMES = { tables: TABLES, rsdp: RSDP };

const COMMAND_SIZE = 128;
const NAME_SIZE = 56;
const ALLOCATE = 1;
const ADD_POINTER = 2;
const ADD_CHECKSUM = 3;
/** In upper memory, or in the segment F0000h, where the root pointer is looked for. */
const ZONE_HIGH = 1;
const ZONE_F = 2;
const RSDP_ALIGNMENT = 16;
const POINTER_SIZE = 4;

type Field = string | { u32: number } | { u8: number };

/** The tables as files, with the commands that place them. */
export function acpiFiles({ tables, rsdp, pointers, checksums }: AcpiFiles): Map<string, Uint8Array> {
  const commands = [
    command(ALLOCATE, TABLES, { u32: ALIGNMENT }, { u8: ZONE_HIGH }),
    command(ALLOCATE, RSDP, { u32: RSDP_ALIGNMENT }, { u8: ZONE_F }),
    ...pointers.map(({ file, offset }) =>
      command(ADD_POINTER, NAMES[file], TABLES, { u32: offset }, { u8: POINTER_SIZE }),
    ),
    ...checksums.map(({ file, offset, start, length }) =>
      command(ADD_CHECKSUM, NAMES[file], { u32: offset }, { u32: start }, { u32: length }),
    ),
  ];
  const loader = new Uint8Array(commands.length * COMMAND_SIZE);
  for (const [n, bytes] of commands.entries()) loader.set(bytes, n * COMMAND_SIZE);
  return new Map([
    [TABLES, tables],
    [RSDP, rsdp],
    ['etc/table-loader', loader],
  ]);
}

function command(kind: number, ...fields: Field[]): Uint8Array {
  const bytes = new Uint8Array(COMMAND_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, kind, true);
  let at = 4;
  for (const field of fields) {
    if (typeof field === 'string') {
      bytes.set(new TextEncoder().encode(field), at);
      at += NAME_SIZE;
    } else if ('u32' in field) {
      view.setUint32(at, field.u32, true);
      at += 4;
    } else {
      bytes[at++] = field.u8;
    }
  }
  return bytes;
}
