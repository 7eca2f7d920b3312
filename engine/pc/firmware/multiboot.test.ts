import { describe, expect, it } from 'vitest';
import { acpiMachine } from '../machine/machine-description.ts';
import type { BootImage } from './boot-image.ts';
import { syntheticKernel } from './bzimage.fixture.ts';
import { ImageError } from './image-error.ts';
import { isMultiboot, kernelBoot } from './kernel-boot.ts';
import { elfFile, multibootHeader } from './multiboot.fixture.ts';
import { romBoot } from './rom-boot.ts';

const code = (header = multibootHeader(0)) => Uint8Array.of(...header, 0xf4);
const elf = (bytes = code()) =>
  elfFile(0xc010000c, [{ virtual: 0xc0100000, physical: 0x100000, bytes, memorySize: 0x3000 }]);
const text = (value: string) => new TextEncoder().encode(value);

function boot(kernel: Uint8Array, more: Partial<Parameters<typeof kernelBoot>[0]> = {}) {
  const acpi = acpiMachine([], 16);
  const identity = { name: 'web', uuid: new Uint8Array(16) };
  const machine = { memoryMiB: 16, acpi, identity };
  return kernelBoot({ kernel, kernelName: 'k.elf', commandLine: 'a b', modules: [], ...machine, ...more });
}

/** The bytes at a guest-physical address, from whatever segment they lie in. */
function at(image: BootImage, address: number, size: number): DataView {
  const segment = image.segments.find(
    ({ guestPhysical, bytes }) => address >= guestPhysical && address + size <= guestPhysical + bytes.length,
  );
  expect(segment, `0x${address.toString(16)}`).toBeDefined();
  return new DataView(segment!.bytes.slice(address - segment!.guestPhysical).buffer);
}

function string(image: BootImage, address: number): string {
  const { buffer } = at(image, address, 1);
  const bytes = new Uint8Array(buffer);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

describe('a multiboot kernel', () => {
  it('is entered at its physical address with magic, information and flat segments', () => {
    const image = boot(elf());
    expect(image.initialState).toMatchObject({ eip: 0x10000c, eax: 0x2badb002, csSelector: 0x10, dsSelector: 0x18 });
    expect(at(image, 0x100000, 4).getUint32(0, true)).toBe(0x1badb002);
    expect(at(image, image.initialState!.gdtBase + 0x10, 8).getBigUint64(0, true)).toBe(0x00cf9b000000ffffn);
  });

  it('gets its command line and the memory there is', () => {
    const image = boot(elf());
    const information = at(image, image.initialState!.ebx!, 120);
    expect(information.getUint32(0, true) & 0x247).toBe(0x247);
    expect(information.getUint32(4, true)).toBe(639);
    expect(information.getUint32(8, true)).toBe(15 * 1024);
    expect(string(image, information.getUint32(16, true))).toBe('k.elf a b');
    const [length, address] = [information.getUint32(44, true), information.getUint32(48, true)];
    const map = at(image, address, length);
    const last = length - 24;
    expect([map.getUint32(last, true), map.getUint32(last + 20, true)]).toEqual([20, 1]);
    expect(map.getBigUint64(last + 4, true)).toBe(0x100000n);
    expect(map.getBigUint64(last + 12, true)).toBe(15n << 20n);
  });

  it('finds what a BIOS leaves, unless it lies there itself', () => {
    const image = boot(elf());
    expect(at(image, 0x40e, 2).getUint16(0, true)).toBe(0x9fc0);
    expect(at(image, 0x413, 2).getUint16(0, true)).toBe(0x27f);
    // FPU, pointing device, 80 columns in color, a serial port; mode 3, where the CRT controller is.
    expect(at(image, 0x410, 2).getUint16(0, true)).toBe(0x226);
    expect([0x449, 0x44a, 0x484, 0x485].map((address) => at(image, address, 1).getUint8(0))).toEqual([3, 80, 24, 16]);
    expect(at(image, 0x463, 2).getUint16(0, true)).toBe(0x3d4);
    expect(string(image, 0xe0000).slice(0, 8)).toBe('RSD PTR ');
    const lowest = boot(
      elfFile(0x400, [{ virtual: 0x400, physical: 0x400, bytes: Uint8Array.of(...code(), ...new Array(256)) }]),
    );
    const written = lowest.segments.filter(({ guestPhysical }) => guestPhysical === 0x400);
    expect(new DataView(written.at(-1)!.bytes.slice().buffer).getUint32(0, true)).toBe(0x1badb002);
  });

  it('gets its modules on page boundaries behind all of its memory', () => {
    const modules = [
      { bytes: text('first'), commandLine: 'one x=1' },
      { bytes: text('second'), commandLine: 'two' },
    ];
    const image = boot(elf(), { modules });
    const information = at(image, image.initialState!.ebx!, 120);
    expect(information.getUint32(20, true)).toBe(2);
    const list = at(image, information.getUint32(24, true), 32);
    expect([list.getUint32(0, true), list.getUint32(4, true)]).toEqual([0x103000, 0x103005]);
    expect(list.getUint32(16, true)).toBe(0x104000);
    expect(string(image, list.getUint32(8, true))).toBe('one x=1');
    expect(string(image, list.getUint32(24, true))).toBe('two');
    expect(at(image, 0x104000, 6).getUint8(0)).toBe(0x73);
  });

  it('loads by the header’s addresses when it has them', () => {
    const header = (loadEnd: number, bssEnd: number) =>
      multibootHeader(0x10000, 0x200010, 0x200008, loadEnd, bssEnd, 0x200040);
    const file = (h: Uint8Array) => Uint8Array.of(...new Array(16).fill(0xee), ...h, 1, 2, 3, 4);
    const image = boot(file(header(0x200010 + 36, 0x210000)));
    expect(image.initialState).toMatchObject({ eip: 0x200040 });
    expect(at(image, 0x200008, 8).getUint8(0)).toBe(0xee);
    expect(at(image, 0x200010 + 32, 4).getUint32(0, true)).toBe(0x04030201);
    expect(boot(file(header(0, 0))).initialState).toMatchObject({ eip: 0x200040 });
    expect(() => boot(file(header(0x300000, 0)))).toThrow(/beyond the end of the file/);
    expect(() => boot(file(header(0x200010, 0x200008)))).toThrow(/out of order/);
  });

  it('may lie in low memory: the information moves', () => {
    const low = elfFile(0x7000, [
      { virtual: 0x5000, physical: 0x5000, bytes: Uint8Array.of(...code(), ...new Array(0x6000)) },
    ]);
    const image = boot(low);
    expect(image.initialState!.ebx).toBeGreaterThanOrEqual(0x100000);
    expect(image.initialState!.gdtBase).toBeGreaterThanOrEqual(0x100000);
  });

  it.each([
    ['features unknown here', code(multibootHeader(0x10)), 'flags 0x10'],
    ['neither ELF nor addresses', code(), 'is not an ELF file'],
    ['an ELF file for another machine', elf().map((byte, i) => (i === 4 ? 2 : byte)), 'another processor'],
    ['a truncated ELF file', elf().subarray(0, 90), 'not a bzImage'],
    ['too much memory', elfFile(0, [{ virtual: 0, physical: 0x1000000, bytes: code() }]), 'needs at least 17 MiB'],
  ])('is refused for %s', (_what, kernel, message) => {
    expect(() => boot(kernel)).toThrow(ImageError);
    expect(() => boot(kernel)).toThrow(message);
  });

  it('is told apart from Linux', () => {
    expect(isMultiboot(elf())).toBe(true);
    expect(isMultiboot(syntheticKernel())).toBe(false);
    expect(() =>
      boot(syntheticKernel(), { modules: [1, 2].map(() => ({ bytes: text('x'), commandLine: '' })) }),
    ).toThrow('takes one initrd');
  });
});

describe('a BIOS image', () => {
  it('is the ROM; the CPU starts at the reset vector', () => {
    const rom = new Uint8Array(0x20000);
    expect(romBoot(rom)).toEqual({ segments: [], rom, optionRoms: [] });
  });

  it('may come with ROMs of cards, filled up to their size', () => {
    const rom = { model: 'card', image: Uint8Array.of(0x55, 0xaa), sizeKiB: 4 };
    const [padded] = romBoot(new Uint8Array(0x10000), [rom]).optionRoms ?? [];
    expect(padded).toEqual(Uint8Array.of(0x55, 0xaa, ...new Array(4094).fill(0)));
    for (const image of [new Uint8Array(), new Uint8Array(4097)])
      expect(() => romBoot(new Uint8Array(0x10000), [{ ...rom, image }])).toThrow('The option ROM for card');
  });

  it.each([0, 1000, 0x10001, 17 << 20])('has no %i bytes', (size) => {
    expect(() => romBoot(new Uint8Array(size))).toThrow(`this file has ${size} bytes`);
  });
});
