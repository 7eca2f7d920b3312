import { describe, expect, test } from 'vitest';
import { acpiMachine } from '../machine/machine-description.ts';
import { type AcpiFiles, type AcpiMachine, buildAcpiFiles, buildAcpiTables } from './acpi.ts';
import { acpiFiles } from './table-loader.ts';

const COM2 = { model: 'isa-serial', properties: { index: 1, chardev: 'c' } };
const PRINTER = { model: 'isa-parallel', properties: { chardev: 'p' } };
const MACHINE = acpiMachine([COM2, PRINTER], 64);

/** As it lies in memory from `base` on. */
function placed(machine: AcpiMachine) {
  const { segments, rsdp } = buildAcpiTables(machine);
  const base = segments[0].guestPhysical;
  const ends = segments.map(({ guestPhysical, bytes }) => guestPhysical + bytes.length - base);
  const bytes = new Uint8Array(Math.max(...ends));
  for (const segment of segments) bytes.set(segment.bytes, segment.guestPhysical - base);
  return { base, bytes, rsdp };
}

const { base, bytes, rsdp } = placed(MACHINE);
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
  // A power button of the fixed hardware; no sleep button. There is a keyboard controller, and no VGA.
  expect(dword(fadt + 112) & 0x30).toBe(0x20);
  expect(word(fadt + 109)).toBe(7);
  // Reset register: port CF9h, value 6.
  expect([dword(fadt + 112) & 0x400, dword(fadt + 116), dword(fadt + 120), bytes[fadt - base + 128]]).toEqual([
    0x400, 0x0801, 0xcf9, 6,
  ]);
});

/** The body of the MADT of a machine with these devices. */
function madtBody(devices: { model: string }[]): number[] {
  const { bytes: more } = placed(acpiMachine(devices, 64));
  const words = new DataView(more.buffer);
  const root = words.getUint32(16, true) - base;
  expect(words.getUint32(root + 4, true)).toBe(36 + 2 * 4);
  const madt = words.getUint32(root + 40, true) - base;
  const length = words.getUint32(madt + 4, true);
  const table = more.subarray(madt, madt + length);
  expect(String.fromCharCode(...table.subarray(0, 4))).toBe('APIC');
  expect(table.reduce((a, b) => a + b, 0) & 0xff).toBe(0);
  return [...table.subarray(36)];
}

// FEE00000h, PC-AT compatible; processor 0 with local APIC 0, enabled; NMIs at LINT1 of all.
const LOCAL = [
  [0, 0, 0xe0, 0xfe, 1, 0, 0, 0],
  [0, 8, 0, 0, 1, 0, 0, 0],
  [4, 6, 0xff, 0, 0, 1],
];

test('a MADT tells of the local APIC, where there is one', () => {
  expect(dword(rsdt + 4)).toBe(36 + 4);
  expect(madtBody([{ model: 'local-apic' }])).toEqual(LOCAL.flat());
});

test('and of the I/O APIC: the timer on its input 2, the interrupts of PCI and ACPI as levels', () => {
  const asLevel = (irq: number) => [2, 10, 0, irq, irq, 0, 0, 0, 0xd, 0];
  expect(madtBody([{ model: 'ioapic' }, { model: 'local-apic' }])).toEqual(
    [
      ...LOCAL,
      [1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0],
      [2, 10, 0, 0, 2, 0, 0, 0, 0, 0],
      ...[5, 9, 10, 11].map(asLevel),
    ].flat(),
  );
});

// A reader of just the AML that the tables use: objects with their paths.
interface AmlObject {
  path: string;
  kind: 'device' | 'name' | 'method' | 'region' | 'fields';
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

/** Elements of a package as integers, references by name or, nested, packages. */
type Value = number | string | Value[];
function packageAt(offset: number): [value: Value[], next: number] {
  expect(bytes[offset]).toBe(0x12);
  const [length, body] = packageLength(offset + 1);
  const values: Value[] = [];
  let at = body + 1;
  while (at < offset + 1 + length) {
    const isName = bytes[at] >= 0x41 && bytes[at] <= 0x5a;
    const [value, next] = bytes[at] === 0x12 ? packageAt(at) : isName ? nameAt(at, '') : integerAt(at);
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
    } else if (bytes[at] === 0x14) {
      const [length, body] = packageLength(at + 1);
      objects.push({ path: nameAt(body, scope)[0], kind: 'method', value: body });
      at = at + 1 + length;
    } else if (bytes[at] === 0x5b && bytes[at + 1] === 0x80) {
      const [path, space] = nameAt(at + 2, scope);
      objects.push({ path, kind: 'region', value: space });
      at = integerAt(integerAt(space + 1)[1])[1];
    } else if (bytes[at] === 0x5b && bytes[at + 1] === 0x81) {
      const [length] = packageLength(at + 2);
      objects.push({ path: scope, kind: 'fields', value: at + 2 });
      at = at + 2 + length;
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
      ...[
        '',
        '.PIC',
        '.RSVD',
        '.TMR',
        '.SPKR',
        '.RTC',
        '.COM1',
        '.COM2',
        '.KBD',
        '.MOU',
        '.DMA',
        '.FDC0',
        '.PEVT',
        '.LPT1',
      ].map((leaf) => `\\_SB.PCI0.ISA${leaf}`),
      ...['LNKA', 'LNKB', 'LNKC', 'LNKD'].map((link) => `\\_SB.PCI0.${link}`),
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
    const routing = packageAt(value('\\_SB.PCI0._PRT'))[0] as [number, number, string, number][];
    expect(routing).toHaveLength(31 * 4);
    const link = (slot: number, pin: number) => routing.find((e) => e[0] === slot * 65536 + 65535 && e[1] === pin)![2];
    expect([0, 1, 2, 3].map((pin) => link(1, pin))).toEqual(['.LNKA', '.LNKB', '.LNKC', '.LNKD']);
    expect([0, 1, 2, 3].map((pin) => link(4, pin))).toEqual(['.LNKD', '.LNKA', '.LNKB', '.LNKC']);
    expect(routing.every((entry) => entry[3] === 0)).toBe(true);
  });

  test('each link is a router of the PIIX3 at 60h to 63h, to be led to IRQ 5, 10 or 11: levels, active high as in the MADT', () => {
    const region = objects.find((o) => o.kind === 'region')!;
    expect(region.path).toBe('\\_SB.PCI0.ISA.PIRQ');
    expect([...bytes.subarray(region.value, region.value + 5)]).toEqual([2, 0x0a, 0x60, 0x0a, 4]); // PCI_Config
    const { value: fields } = objects.find((o) => o.kind === 'fields')!;
    const [length] = packageLength(fields);
    const text = new TextDecoder().decode(bytes.subarray(fields, fields + length));
    // Eight bits each.
    expect(text.endsWith(['PRQA', 'PRQB', 'PRQC', 'PRQD'].map((field) => `${field}\b`).join(''))).toBe(true);
    expect(text).toContain('ISA_PIRQ');
    for (const name of ['LNKA', 'LNKB', 'LNKC', 'LNKD']) {
      const methods = objects.filter((o) => o.kind === 'method' && o.path.startsWith(`\\_SB.PCI0.${name}.`));
      expect(methods.map((o) => o.path.slice(-4))).toEqual(['_STA', '_DIS', '_CRS', '_SRS']);
      const possible = value(`\\_SB.PCI0.${name}._PRS`);
      // Extended interrupt descriptor (§6.4.3.6): consumer, level, active high, shared; three numbers.
      expect([...bytes.subarray(possible + 4, possible + 21)]).toEqual([
        ...[0x89, 14, 0, 0x09, 3],
        ...[5, 10, 11].flatMap((number) => [number, 0, 0, 0]),
      ]);
    }
  });

  test('memory BARs have their place behind the RAM', () => {
    const windowFor = (memoryMiB: number) => {
      const { bytes } = placed({ ...MACHINE, memoryMiB });
      const last = [0xff, 0xff, 0xbf, 0xfe];
      const at = bytes.findIndex((_, n) => last.every((byte, i) => bytes[n + i] === byte));
      return new DataView(bytes.buffer).getUint32(at - 4, true);
    };
    expect([windowFor(64), windowFor(2048), windowFor(3072)]).toEqual([0x80000000, 0x80000000, 0xc0000000]);
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

test('placed by the commands for firmware, the tables are the same', () => {
  const files = buildAcpiFiles(MACHINE);
  const [tablesAt, rsdpAt] = [base + 64, rsdp];
  const memory = loaded(acpiFiles(files), { 'etc/acpi/tables': tablesAt, 'etc/acpi/rsdp': rsdpAt });
  expect(memory.get('etc/acpi/rsdp')).toEqual(bytes.subarray(0, 20));
  expect(memory.get('etc/acpi/tables')).toEqual(bytes.subarray(64));
  expect(pointersOutside(files)).toEqual([]);
});

/** What firmware makes of the files: carries out the commands, with each file at the address given for it. */
function loaded(files: ReadonlyMap<string, Uint8Array>, addresses: Record<string, number>) {
  const memory = new Map<string, Uint8Array>();
  const loader = files.get('etc/table-loader')!;
  expect(loader.length % 128).toBe(0);
  for (let at = 0; at < loader.length; at += 128) {
    const command = new DataView(loader.buffer, loader.byteOffset + at, 128);
    const name = (offset: number) =>
      new TextDecoder().decode(loader.subarray(at + offset, at + offset + 56)).replace(/\0+$/, '');
    const file = memory.get(name(4)) ?? new Uint8Array();
    const fields = new DataView(file.buffer);
    switch (command.getUint32(0, true)) {
      case 1:
        expect(addresses[name(4)] % command.getUint32(60, true)).toBe(0);
        memory.set(name(4), files.get(name(4))!.slice());
        break;
      case 2: {
        expect(command.getUint8(120)).toBe(4);
        const offset = command.getUint32(116, true);
        fields.setUint32(offset, fields.getUint32(offset, true) + addresses[name(60)], true);
        break;
      }
      case 3: {
        const [offset, start, length] = [60, 64, 68].map((field) => command.getUint32(field, true));
        file[offset] -= file.subarray(start, start + length).reduce((a, b) => a + b, 0);
        break;
      }
      default:
        throw new Error(`no command at ${at}`);
    }
  }
  return memory;
}

function pointersOutside({ tables, rsdp: root, pointers }: AcpiFiles) {
  const files = { tables, rsdp: root };
  return pointers.filter(
    ({ file, offset }) => new DataView(files[file].buffer).getUint32(offset, true) >= tables.length,
  );
}
