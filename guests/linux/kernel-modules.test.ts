import { describe, expect, test } from 'vitest';
import { GuestBuildError } from '../packages/errors.ts';
import { aliasTable, dependencyTable, describeModule } from './kernel-modules.ts';

/** A 32-bit ELF file with a section .modinfo of these entries. */
function elf(entries: string[]): Uint8Array {
  const names = '\0.shstrtab\0.modinfo\0';
  const info = `${entries.join('\0')}\0`;
  const sections = [
    { name: 0, text: '' },
    { name: names.indexOf('.shstrtab'), text: names },
    { name: names.indexOf('.modinfo'), text: info },
  ];
  const table = 52 + names.length + info.length;
  const bytes = Buffer.alloc(table + sections.length * 40);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  bytes.writeUInt32LE(table, 32);
  for (const [at, value] of [
    [46, 40],
    [48, sections.length],
    [50, 1],
  ])
    bytes.writeUInt16LE(value, at);
  let offset = 52;
  for (const [i, { name, text }] of sections.entries()) {
    bytes.write(text, offset, 'latin1');
    bytes.writeUInt32LE(name, table + 40 * i);
    bytes.writeUInt32LE(offset, table + 40 * i + 16);
    bytes.writeUInt32LE(text.length, table + 40 * i + 20);
    offset += text.length;
  }
  return bytes;
}

test('reads what a module says of itself', () => {
  const module = elf(['license=GPL', 'depends=virtio_ring,virtio', 'alias=pci:v00001AF4d*', 'alias=b', 'name=x']);
  expect(describeModule('virtio_pci', module)).toEqual({
    file: 'virtio_pci',
    depends: ['virtio_ring', 'virtio'],
    aliases: ['pci:v00001AF4d*', 'b'],
  });
  expect(describeModule('virtio', elf(['depends='])).depends).toEqual([]);
});

test.each([
  ['no ELF file', new Uint8Array(100)],
  ['one that is cut short', elf(['depends=']).subarray(0, 60)],
  ['nothing', new Uint8Array(0)],
])('refuses %s', (_, bytes) => {
  expect(() => describeModule('x', bytes)).toThrow(GuestBuildError);
});

describe('tables', () => {
  const modules = [
    { file: '8390', depends: [], aliases: [] },
    { file: 'ne2k-pci', depends: ['8390'], aliases: ['pci:v000010ECd00008029sv*'] },
    { file: 'top', depends: ['ne2k_pci', '8390'], aliases: [] },
  ];

  test('modules.dep lists what is needed, and what that needs, once', () => {
    expect(dependencyTable(modules)).toBe('8390.ko:\nne2k-pci.ko: 8390.ko\ntop.ko: ne2k-pci.ko 8390.ko\n');
  });

  test('modules.alias leads from devices to modules', () => {
    expect(aliasTable(modules)).toBe('alias pci:v000010ECd00008029sv* ne2k_pci\n');
  });

  test('a dependency that is not in the image is an error that names it', () => {
    expect(() => dependencyTable(modules.slice(1))).toThrow(/ne2k-pci needs 8390/);
  });
});
