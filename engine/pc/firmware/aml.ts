// A small assembler for ACPI Machine Language (ACPI 6.4, chapter 20): the declarations, resource descriptors (§6.4) and few
// operators that our tables need. Every function returns bytes; they nest.

export type Aml = readonly number[];

const DUAL_NAME = 0x2e;
const MULTI_NAME = 0x2f;
const SERIALIZED = 0x08;
const PCI_CONFIG = 0x02;
const BYTE_ACCESS = 0x01;

/**
 * An ACPI name (§20.2.2): segments of up to four characters, padded, joined by dots. `\X` is X in the root scope. A reference to an
 * object is its name.
 */
export function nameString(name: string): Aml {
  const root = name.startsWith('\\');
  const segments = (root ? name.slice(1) : name).split('.').map((segment) => segment.padEnd(4, '_'));
  const prefix = { 1: [], 2: [DUAL_NAME] }[segments.length] ?? [MULTI_NAME, segments.length];
  return [...(root ? [0x5c] : []), ...prefix, ...segments.flatMap(ascii)];
}

function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

/** PkgLength and what it counts: 1 byte up to 63, else the low nibble first and up to three more bytes. */
function packageLength(body: Aml): Aml {
  if (body.length + 1 <= 63) return [body.length + 1, ...body];
  const extra = body.length + 2 < 1 << 12 ? 1 : 2;
  const length = body.length + 1 + extra;
  const rest = Array.from({ length: extra }, (_, i) => (length >> (4 + 8 * i)) & 0xff);
  return [(extra << 6) | (length & 15), ...rest, ...body];
}

export function scope(name: string, ...terms: Aml[]): Aml {
  return [0x10, ...packageLength([...nameString(name), ...terms.flat()])];
}

export function device(name: string, ...terms: Aml[]): Aml {
  return [0x5b, 0x82, ...packageLength([...nameString(name), ...terms.flat()])];
}

export function named(name: string, value: Aml): Aml {
  return [0x08, ...nameString(name), ...value];
}

/** Up to 255 elements. */
export function packageOf(...elements: Aml[]): Aml {
  return [0x12, ...packageLength([elements.length, ...elements.flat()])];
}

/** Serialized, since ours make no use of several at once. */
export function method(name: string, argumentCount: number, ...terms: Aml[]): Aml {
  return [0x14, ...packageLength([...nameString(name), argumentCount | SERIALIZED, ...terms.flat()])];
}

/** A part of the configuration space of the PCI function in whose scope it stands, in bytes. */
export function configRegion(name: string, offset: number, size: number): Aml {
  return [0x5b, 0x80, ...nameString(name), PCI_CONFIG, ...integer(offset), ...integer(size)];
}

/** The bytes of a region, each a field of that name in the present scope. */
export function byteFields(region: string, names: readonly string[]): Aml {
  const fields = names.flatMap((name) => [...nameString(name), 8]);
  return [0x5b, 0x81, ...packageLength([...nameString(region), BYTE_ACCESS, ...fields])];
}

/** `name` stands for the doubleword at `offset` of a buffer. */
export function doublewordField(buffer: Aml, offset: number, name: string): Aml {
  return [0x8a, ...buffer, ...integer(offset), ...nameString(name)];
}

export const argument0: Aml = [0x68];
/** A result that is not kept elsewhere. */
const NOWHERE = 0x00;

export function store(value: Aml, target: Aml): Aml {
  return [0x70, ...value, ...target];
}

export function and(a: Aml, b: Aml): Aml {
  return [0x7b, ...a, ...b, NOWHERE];
}

export function or(a: Aml, b: Aml): Aml {
  return [0x7d, ...a, ...b, NOWHERE];
}

/** Without an Else. */
export function when(condition: Aml, ...terms: Aml[]): Aml {
  return [0xa0, ...packageLength([...condition, ...terms.flat()])];
}

export function returned(value: Aml): Aml {
  return [0xa4, ...value];
}

/** Unsigned, up to 32 bits. */
export function integer(value: number): Aml {
  if (value === 0) return [0x00];
  if (value === 1) return [0x01];
  if (value < 1 << 8) return [0x0a, value];
  if (value < 1 << 16) return [0x0b, ...little(value, 2)];
  return [0x0c, ...little(value, 4)];
}

/** ASCII. */
export function text(value: string): Aml {
  return [0x0d, ...ascii(value), 0];
}

/** A plug-and-play id such as PNP0501 in its compressed form (§19.3.4, EISAID). */
export function eisaId(id: string): Aml {
  const letters = ascii(id.slice(0, 3)).map((code) => code - 0x40);
  const vendor = (letters[0] << 10) | (letters[1] << 5) | letters[2];
  const product = Number.parseInt(id.slice(3), 16);
  return [0x0c, vendor >> 8, vendor & 0xff, product >> 8, product & 0xff];
}

/** A _CRS buffer of the descriptors, with the end tag. */
export function resources(...descriptors: Aml[]): Aml {
  const bytes = [...descriptors.flat(), 0x79, 0x00];
  return [0x11, ...packageLength([...integer(bytes.length), ...bytes])];
}

/** Fixed ports, decoded in 16 bits (§6.4.2.5). */
export function ioPorts(first: number, count: number): Aml {
  return [0x47, 0x01, ...little(first, 2), ...little(first, 2), 0x01, count];
}

/** An edge-triggered, active-high interrupt (§6.4.2.1). */
export function irq(number: number): Aml {
  return [0x22, ...little(1 << number, 2)];
}

/** A level-triggered, active-high, shared interrupt, one of `numbers`, which are global system interrupts (§6.4.3.6). */
export function sharedInterrupt(...numbers: number[]): Aml {
  const fields = [CONSUMER | SHARED, numbers.length, ...numbers.flatMap((number) => little(number, 4))];
  return [0x89, ...little(fields.length, 2), ...fields];
}

/** A DMA channel, 8 bits wide (§6.4.2.2). */
export function dmaChannel(channel: number): Aml {
  return [0x2a, 1 << channel, 0x00];
}

const CONSUMER = 0x01;
const SHARED = 0x08;
const MEMORY_RANGE = 0;
const IO_RANGE = 1;
const BUS_NUMBER_RANGE = 2;
const FIXED = 0x0c; // minimum and maximum are fixed

/** A window that a bridge passes on (§6.4.3.5). `last` is inclusive. */
function addressSpace(width: 2 | 4, type: number, typeFlags: number, first: number, last: number): Aml {
  const fields = [0, first, last, 0, last - first + 1].flatMap((value) => little(value, width));
  return [width === 2 ? 0x88 : 0x87, ...little(3 + fields.length, 2), type, FIXED, typeFlags, ...fields];
}

export function busNumbers(first: number, last: number): Aml {
  return addressSpace(2, BUS_NUMBER_RANGE, 0, first, last);
}

export function ioWindow(first: number, last: number): Aml {
  return addressSpace(2, IO_RANGE, 0x03, first, last);
}

export function memoryWindow(first: number, last: number): Aml {
  return addressSpace(4, MEMORY_RANGE, 0x01, first, last);
}

function little(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value / 2 ** (8 * i)) & 0xff);
}
