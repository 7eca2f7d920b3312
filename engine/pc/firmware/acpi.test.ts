import { describe, expect, test } from 'vitest';
import { buildAcpiTables } from './acpi.ts';

const { segments, rsdp } = buildAcpiTables();
const [{ guestPhysical: base, bytes }] = segments;
const view = new DataView(bytes.buffer);

const sum = (first: number, length: number) =>
  bytes.subarray(first - base, first - base + length).reduce((a, b) => a + b, 0) & 0xff;
const signature = (address: number, length = 4) =>
  String.fromCharCode(...bytes.subarray(address - base, address - base + length));
const word = (address: number) => view.getUint16(address - base, true);
const dword = (address: number) => view.getUint32(address - base, true);

const rsdt = dword(rsdp + 16);
const fadt = dword(rsdt + 36);
const facs = dword(fadt + 36);
const dsdt = dword(fadt + 40);

test('the root pointer stands on 16 bytes in the BIOS area, with a right checksum', () => {
  expect(rsdp % 16).toBe(0);
  expect(rsdp).toBeGreaterThanOrEqual(0xe0000);
  expect(base + bytes.length).toBeLessThanOrEqual(0x100000);
  expect(signature(rsdp, 8)).toBe('RSD PTR ');
  expect(sum(rsdp, 20)).toBe(0);
});

test.each([
  ['RSDT', rsdt],
  ['FACP', fadt],
  ['DSDT', dsdt],
])('%s is where its pointer says, whole and summed', (name, address) => {
  expect(signature(address)).toBe(name);
  expect(address - base + dword(address + 4)).toBeLessThanOrEqual(bytes.length);
  expect(sum(address, dword(address + 4))).toBe(0);
});

test('the FACS is on 64 bytes and apart from the rest', () => {
  expect(signature(facs)).toBe('FACS');
  expect(facs % 64).toBe(0);
  expect(dword(facs + 4)).toBe(64);
});

test('the FADT describes the power-management device as it is', () => {
  expect(dword(fadt + 4)).toBe(244);
  expect(word(fadt + 46)).toBe(9);
  expect([dword(fadt + 56), dword(fadt + 64), dword(fadt + 76)]).toEqual([0x600, 0x604, 0x608]);
  // The extended addresses say the same: I/O space, width, port.
  expect([dword(fadt + 148), dword(fadt + 152)]).toEqual([0x2001, 0x600]);
  expect([dword(fadt + 172), dword(fadt + 176)]).toEqual([0x1001, 0x604]);
  expect([dword(fadt + 208), dword(fadt + 212)]).toEqual([0x2001, 0x608]);
  expect(dword(fadt + 140)).toBe(dsdt);
  expect(dword(fadt + 48)).toBe(0); // no SMI command: always in ACPI mode
  // Reset register: port CF9h, value 6.
  expect([dword(fadt + 112) & 0x400, dword(fadt + 116), dword(fadt + 120), bytes[fadt - base + 128]]).toEqual([
    0x400, 0x0801, 0xcf9, 6,
  ]);
});

test('a MADT tells of the local APIC where there is one, and of no I/O APIC', () => {
  expect(dword(rsdt + 4)).toBe(36 + 4);
  const [{ bytes: more }] = buildAcpiTables(true).segments;
  const words = new DataView(more.buffer);
  const root = words.getUint32(16, true) - base;
  expect(words.getUint32(root + 4, true)).toBe(36 + 2 * 4);
  const madt = words.getUint32(root + 40, true) - base;
  const length = words.getUint32(madt + 4, true);
  const table = more.subarray(madt, madt + length);
  expect(String.fromCharCode(...table.subarray(0, 4))).toBe('APIC');
  expect(table.reduce((a, b) => a + b, 0) & 0xff).toBe(0);
  // FEE00000h, PC-AT compatible; then one entry: processor 0 with local APIC 0, enabled.
  expect([...table.subarray(36)]).toEqual([0, 0, 0xe0, 0xfe, 1, 0, 0, 0, 0, 8, 0, 0, 1, 0, 0, 0]);
});

// A reader of just the AML that the tables use: objects with their paths.
interface AmlObject {
  path: string;
  kind: 'device' | 'name';
  /** Of a name: offset of its value. */
  value: number;
}

function packageLength(offset: number): [length: number, next: number] {
  const lead = bytes[offset];
  const extra = lead >> 6;
  if (extra === 0) return [lead & 0x3f, offset + 1];
  let length = lead & 15;
  for (let i = 1; i <= extra; i++) length |= bytes[offset + i] << (8 * i - 4);
  return [length, offset + 1 + extra];
}

function integerAt(offset: number): [value: number, next: number] {
  switch (bytes[offset]) {
    case 0x00:
    case 0x01:
      return [bytes[offset], offset + 1];
    case 0x0a:
      return [bytes[offset + 1], offset + 2];
    case 0x0b:
      return [view.getUint16(offset + 1, true), offset + 3];
    case 0x0c:
      return [view.getUint32(offset + 1, true), offset + 5];
    default:
      throw new Error(`no integer at ${offset}: ${bytes[offset]}`);
  }
}

/** Elements of a package as integers or, nested, packages. */
type Value = number | Value[];
function packageAt(offset: number): [value: Value[], next: number] {
  expect(bytes[offset]).toBe(0x12);
  const [length, body] = packageLength(offset + 1);
  const values: Value[] = [];
  let at = body + 1;
  while (at < offset + 1 + length) {
    const [value, next] = bytes[at] === 0x12 ? packageAt(at) : integerAt(at);
    values.push(value);
    at = next;
  }
  expect(values).toHaveLength(bytes[body]);
  return [values, offset + 1 + length];
}

function nameAt(offset: number, scope: string): [path: string, next: number] {
  const root = bytes[offset] === 0x5c;
  const start = root ? offset + 1 : offset;
  const segment = String.fromCharCode(...bytes.subarray(start, start + 4)).replace(/_+$/, '');
  return [`${root ? '\\' : `${scope}.`}${segment}`, start + 4];
}

function parse(start: number, end: number, scope: string): AmlObject[] {
  const objects: AmlObject[] = [];
  let at = start;
  while (at < end) {
    const isDevice = bytes[at] === 0x5b && bytes[at + 1] === 0x82;
    if (isDevice || bytes[at] === 0x10) {
      const lengthAt = at + (isDevice ? 2 : 1);
      const [length, body] = packageLength(lengthAt);
      const [path, inner] = nameAt(body, scope);
      if (isDevice) objects.push({ path, kind: 'device', value: 0 });
      objects.push(...parse(inner, lengthAt + length, path));
      at = lengthAt + length;
    } else {
      expect(bytes[at], `opcode at ${at}`).toBe(0x08);
      const [path, value] = nameAt(at + 1, scope);
      objects.push({ path, kind: 'name', value });
      if (bytes[value] === 0x12 || bytes[value] === 0x11) {
        const [length] = packageLength(value + 1);
        at = value + 1 + length;
      } else if (bytes[value] === 0x0d) {
        at = bytes.indexOf(0, value) + 1;
      } else {
        at = integerAt(value)[1];
      }
    }
  }
  expect(at).toBe(end);
  return objects;
}

describe('the DSDT', () => {
  const objects = parse(dsdt - base + 36, dsdt - base + dword(dsdt + 4), '');
  const value = (path: string) => objects.find((o) => o.path === path)!.value;

  test('names the devices', () => {
    expect(objects.filter((o) => o.kind === 'device').map((o) => o.path)).toEqual([
      '\\_SB.PCI0',
      ...['', '.PIC', '.TMR', '.DMA', '.RTC', '.KBD', '.MOU', '.SPKR', '.COM1', '.PEVT', '.RSVD'].map(
        (leaf) => `\\_SB.PCI0.ISA${leaf}`,
      ),
    ]);
  });

  test('the port for panics has the identity that Linux’s driver looks for', () => {
    const id = value('\\_SB.PCI0.ISA.PEVT._HID');
    expect(bytes[id]).toBe(0x0d);
    expect(signature(base + id + 1, 9)).toBe('QEMU0001\0');
    expect(integerAt(value('\\_SB.PCI0.ISA.PEVT._STA'))[0]).toBe(0x0f);
    expect([...bytes.subarray(value('\\_SB.PCI0.ISA.PEVT._CRS')).subarray(0, 12)]).toEqual([
      0x11, 0x0d, 0x0a, 0x0a, 0x47, 0x01, 0x05, 0x05, 0x05, 0x05, 0x01, 0x01,
    ]);
  });

  test('S5 is there, the only sleeping state', () => {
    expect(packageAt(value('\\_S5'))[0]).toEqual([0, 0, 0, 0]);
    expect(objects.filter((o) => /^\\_S\d/.test(o.path))).toHaveLength(1);
  });

  test('PCI interrupts are wired for every pin of every slot, as the bus routes them', () => {
    const routing = packageAt(value('\\_SB.PCI0._PRT'))[0] as [number, number, number, number][];
    expect(routing).toHaveLength(31 * 4);
    const irq = (slot: number, pin: number) => routing.find((e) => e[0] === slot * 65536 + 65535 && e[1] === pin)![3];
    expect([0, 1, 2, 3].map((pin) => irq(1, pin))).toEqual([10, 10, 11, 11]);
    expect([0, 1, 2, 3].map((pin) => irq(4, pin))).toEqual([11, 10, 10, 11]);
    expect(routing.every((entry) => entry[2] === 0)).toBe(true);
  });

  test('COM1 is a 16550 at 3F8h, IRQ 4, its resources ended by a tag', () => {
    expect(integerAt(value('\\_SB.PCI0.ISA.COM1._HID'))[0]).toBe(0x0105d041); // PNP0501
    const crs = value('\\_SB.PCI0.ISA.COM1._CRS');
    expect(bytes[crs]).toBe(0x11);
    const [length, body] = packageLength(crs + 1);
    const [size, data] = integerAt(body);
    expect(data + size).toBe(crs + 1 + length);
    expect([...bytes.subarray(data, data + size)]).toEqual([
      0x47, 0x01, 0xf8, 0x03, 0xf8, 0x03, 0x01, 0x08, 0x22, 0x10, 0x00, 0x79, 0x00,
    ]);
  });
});
