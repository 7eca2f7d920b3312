import { expect, test } from 'vitest';
import { buildSmbiosFiles, placeSmbios } from './smbios.ts';

const UUID = Uint8Array.from({ length: 16 }, (_, n) => n);
const identity = { name: 'web 1 ü', uuid: UUID };

interface Structure {
  type: number;
  handle: number;
  /** The formatted part, header included. */
  body: Uint8Array;
  texts: string[];
}

/** As a guest walks them (DSP0134, §6.1.3). */
function structures(tables: Uint8Array): Structure[] {
  const list: Structure[] = [];
  for (let at = 0; at < tables.length; ) {
    const body = tables.subarray(at, at + tables[at + 1]);
    const texts: string[] = [];
    let end = at + body.length;
    while (tables[end] !== 0) {
      const next = tables.indexOf(0, end);
      texts.push(new TextDecoder().decode(tables.subarray(end, next)));
      end = next + 1;
    }
    at = end + (texts.length > 0 ? 1 : 2);
    list.push({ type: body[0], handle: body[2] | (body[3] << 8), body, texts });
  }
  return list;
}

const sum = (bytes: Uint8Array) => bytes.reduce((a, b) => a + b, 0) & 0xff;

test('the entry point leads to the structures, with right sums', () => {
  const [anchor, tables] = placeSmbios(buildSmbiosFiles(identity, 128));
  const view = new DataView(anchor.bytes.buffer);
  expect(anchor.guestPhysical % 16).toBe(0);
  expect(new TextDecoder().decode(anchor.bytes.subarray(0, 4))).toBe('_SM_');
  expect(new TextDecoder().decode(anchor.bytes.subarray(16, 21))).toBe('_DMI_');
  expect([anchor.bytes[5], anchor.bytes[6], anchor.bytes[7], anchor.bytes[30]]).toEqual([31, 2, 8, 0x28]);
  expect([sum(anchor.bytes), sum(anchor.bytes.subarray(16))]).toEqual([0, 0]);
  expect([view.getUint32(24, true), view.getUint16(22, true)]).toEqual([tables.guestPhysical, tables.bytes.length]);
  const list = structures(tables.bytes);
  expect(view.getUint16(28, true)).toBe(list.length);
  expect(view.getUint16(8, true)).toBeGreaterThan(Math.max(...list.map(({ body }) => body.length)));
});

test('the structures are those of a PC, each as long as version 2.8 or an earlier one has it', () => {
  const list = structures(buildSmbiosFiles(identity, 128).tables);
  expect(list.map(({ type, body }) => [type, body.length])).toEqual([
    ...[
      [0, 0x18],
      [1, 0x1b],
      [3, 0x15],
      [4, 0x2a],
      [16, 0x0f],
      [17, 0x1c],
      [19, 0x0f],
      [32, 0x0b],
      [127, 4],
    ],
  ]);
  expect(new Set(list.map(({ handle }) => handle)).size).toBe(list.length);
});

test('the machine has the name and the identity of the VM, its memory is told', () => {
  const list = structures(buildSmbiosFiles(identity, 3072).tables);
  const of = (type: number) => {
    const { body, texts } = list.find((one) => one.type === type)!;
    return { body, texts, view: new DataView(body.buffer, body.byteOffset, body.length) };
  };
  const system = of(1);
  expect(system.texts).toEqual(['tabvisor', 'tabvisor virtual machine', 'pc', 'web 1 ?']);
  expect([...system.body.subarray(4, 8)]).toEqual([1, 2, 3, 4]);
  // The first three fields in the other order (§7.2.1).
  expect([...system.body.subarray(8, 24)]).toEqual([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]);
  expect(of(16).view.getUint32(7, true)).toBe(3072 * 1024);
  expect(of(17).view.getUint16(12, true)).toBe(3072);
  expect([of(19).view.getUint32(4, true), of(19).view.getUint32(8, true)]).toEqual([0, 3072 * 1024 - 1]);
  expect(of(17).view.getUint16(4, true)).toBe(list.find(({ type }) => type === 16)!.handle);
});
