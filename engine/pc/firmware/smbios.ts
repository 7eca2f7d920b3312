// What a machine is, for inventories in the guest: SMBIOS 2.8 (DMTF DSP0134) as an entry point and a list of structures. Firmware
// places both; for a kernel that is started directly they are placed here, where a guest searches for the entry point.

import { checksum } from './acpi.ts';
import type { Segment } from './boot-image.ts';

export interface Identity {
  /** The VM's, shown as its serial number. */
  name: string;
  /** 16 bytes, in the order in which a UUID is written (RFC 9562). */
  uuid: Uint8Array;
}

export interface SmbiosFiles {
  tables: Uint8Array;
  /** The 32-bit entry point, without address and checksums. */
  anchor: Uint8Array;
}

const BASE = 0xf0000;
const ANCHOR_SIZE = 31;
const ANCHOR_CHECKSUM = 4;
/** The second half has a checksum of its own. */
const ANCHOR_INTERMEDIATE = 16;
const ANCHOR_INTERMEDIATE_CHECKSUM = 21;
const ANCHOR_ADDRESS = 24;
const ALIGNMENT = 16;
const MAKER = 'tabvisor';
const PRODUCT = 'tabvisor virtual machine';
const NONE = 0xffff;
/** Of a memory array: there is no structure with its errors. */
const NO_ERROR_STRUCTURE = 0xfffe;

/** A number with its size in bytes; text, of which the structure has its number in the list behind it. */
type Field = readonly [value: number, size: 1 | 2 | 4] | string | Uint8Array;

interface Structure {
  type: number;
  handle: number;
  fields: readonly Field[];
}

const MEMORY_ARRAY = 0x1000;
const byte = (value: number): Field => [value, 1];
const word = (value: number): Field => [value, 2];
const dword = (value: number): Field => [value, 4];

/** Names of the fields: DSP0134, chapter 7, by type. */
function structures({ name, uuid }: Identity, memoryMiB: number): readonly Structure[] {
  return [
    {
      // BIOS: start segment, size in 64 KiB less one, characteristics (none are told; virtual machine), no controller firmware
      ...{ type: 0, handle: 0x0000 },
      fields: [
        ...[MAKER, '1.0', word(0xe800), '01/01/2026', byte(0)],
        ...[dword(0x08), dword(0), byte(0), byte(0x10), byte(1), byte(0), byte(0xff), byte(0xff)],
      ],
    },
    {
      // System: the wake-up type is the power switch
      ...{ type: 1, handle: 0x0100 },
      fields: [MAKER, PRODUCT, 'pc', name, systemUuid(uuid), byte(6), '', ''],
    },
    {
      // Chassis: of type "other", its states safe, without security, height, cords and contents
      ...{ type: 3, handle: 0x0300 },
      fields: [MAKER, byte(1), '', name, '', byte(3), byte(3), byte(3), byte(3), dword(0), ...[0, 0, 0, 0].map(byte)],
    },
    {
      // Processor: central, of family "other", in a socket, enabled; no caches are told; one core, one thread
      ...{ type: 4, handle: 0x0400 },
      fields: [
        ...['CPU 0', byte(3), byte(1), MAKER, dword(0), dword(0), 'virtual', byte(0), word(0), word(0), word(0)],
        ...[byte(0x41), byte(1), word(NONE), word(NONE), word(NONE), '', '', ''],
        ...[byte(1), byte(1), byte(1), word(0), word(1)],
      ],
    },
    {
      // Memory array: on the board, system memory, without error correction
      ...{ type: 16, handle: MEMORY_ARRAY },
      fields: [byte(3), byte(3), byte(3), dword(memoryMiB * 1024), word(NO_ERROR_STRUCTURE), word(1)],
    },
    {
      // Memory device: a DIMM of RAM
      ...{ type: 17, handle: 0x1100 },
      fields: [
        ...[word(MEMORY_ARRAY), word(NO_ERROR_STRUCTURE), word(NONE), word(NONE), word(memoryMiB), byte(9), byte(0)],
        ...['DIMM 0', '', byte(7), word(2), word(0), MAKER, '', '', '', byte(0)],
      ],
    },
    {
      ...{ type: 19, handle: 0x1300 },
      fields: [dword(0), dword(memoryMiB * 1024 - 1), word(MEMORY_ARRAY), byte(1)],
    },
    // Boot: no error was found
    { type: 32, handle: 0x2000, fields: [...[0, 0, 0, 0, 0, 0].map(byte), byte(0)] },
    { type: 127, handle: 0x7f00, fields: [] },
  ];
}

export function buildSmbiosFiles(identity: Identity, memoryMiB: number): SmbiosFiles {
  const all = structures(identity, memoryMiB).map(encoded);
  const tables = Uint8Array.from(all.flatMap((bytes) => [...bytes]));
  const anchor = new Uint8Array(ANCHOR_SIZE);
  const view = new DataView(anchor.buffer);
  anchor.set(ascii('_SM_'), 0);
  anchor.set([ANCHOR_SIZE, 2, 8], 5);
  view.setUint16(8, Math.max(...all.map(({ length }) => length)), true);
  anchor.set(ascii('_DMI_'), ANCHOR_INTERMEDIATE);
  view.setUint16(22, tables.length, true);
  view.setUint16(28, all.length, true);
  anchor[30] = 0x28;
  return { tables, anchor };
}

/** In the BIOS area, for a machine without firmware. */
export function placeSmbios({ tables, anchor }: SmbiosFiles): Segment[] {
  const at = BASE + Math.ceil(ANCHOR_SIZE / ALIGNMENT) * ALIGNMENT;
  new DataView(anchor.buffer).setUint32(ANCHOR_ADDRESS, at, true);
  anchor[ANCHOR_INTERMEDIATE_CHECKSUM] = checksum(anchor.subarray(ANCHOR_INTERMEDIATE));
  anchor[ANCHOR_CHECKSUM] = checksum(anchor);
  return [
    { guestPhysical: BASE, bytes: anchor },
    { guestPhysical: at, bytes: tables },
  ];
}

/** A structure with the text that it refers to, which ends with an empty one. */
function encoded({ type, handle, fields }: Structure): Uint8Array {
  const texts: string[] = [];
  const body = fields.flatMap((field) => {
    if (field instanceof Uint8Array) return [...field];
    if (typeof field !== 'string') return little(...field);
    return field === '' ? [0] : [texts.push(field)];
  });
  const strings = texts.length > 0 ? texts.flatMap((text) => [...ascii(text), 0]) : [0];
  return Uint8Array.from([type, 4 + body.length, ...little(handle, 2), ...body, ...strings, 0]);
}

/** Its first three fields are little-endian (§7.2.1). */
function systemUuid(uuid: Uint8Array): Uint8Array {
  const [a, b, c, rest] = [uuid.slice(0, 4), uuid.slice(4, 6), uuid.slice(6, 8), uuid.slice(8)];
  return Uint8Array.from([...a.reverse(), ...b.reverse(), ...c.reverse(), ...rest]);
}

/** What is not ASCII becomes a question mark. */
function ascii(text: string): number[] {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code >= 0x20 && code < 0x7f ? code : 0x3f;
  });
}

function little(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
}
