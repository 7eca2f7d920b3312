import { gzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { acpiMachine } from '../machine/machine-description.ts';
import { buildAcpiTables } from './acpi.ts';
import type { Segment } from './boot-image.ts';
import { syntheticKernel } from './bzimage.fixture.ts';
import { ImageError } from './image-error.ts';
import { type LinuxBootOptions, linuxBoot } from './linux-boot.ts';

const MIB = 1 << 20;
const cpio = (size: number) => {
  const archive = new Uint8Array(size);
  archive.set(new TextEncoder().encode('070701'));
  return archive;
};

function boot(options: Partial<LinuxBootOptions> = {}) {
  return linuxBoot({ kernel: syntheticKernel(), commandLine: 'console=ttyS0', memoryMiB: 64, ...options });
}

function at(segments: Segment[], address: number): Uint8Array {
  const segment = segments.find((s) => s.guestPhysical === address);
  expect(segment, `segment at 0x${address.toString(16)}`).toBeDefined();
  return segment!.bytes;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset);
}

test('enters the kernel by the 32-bit protocol', () => {
  const { segments, initialState } = boot();
  expect(initialState.eip).toBe(0x1000000);
  expect(initialState).toMatchObject({ csSelector: 0x10, dsSelector: 0x18, gdtLimit: 31 });
  const gdt = view(at(segments, initialState.gdtBase));
  expect(gdt.getBigUint64(initialState.csSelector, true)).toBe(0x00cf9b000000ffffn);
  expect(gdt.getBigUint64(initialState.dsSelector, true)).toBe(0x00cf93000000ffffn);
  const zeroPage = view(at(segments, initialState.esi));
  expect(zeroPage.getUint32(0x202, true)).toBe(0x53726448);
  expect(zeroPage.getUint8(0x210)).toBe(0xff);
  expect(zeroPage.getUint32(0x214, true)).toBe(initialState.eip);
  expect(at(segments, 0x1000000)).toHaveLength(4096);
});

test('the zero page is zero but for what the protocol defines', () => {
  const zeroPage = at(boot().segments, boot().initialState.esi);
  expect(zeroPage).toHaveLength(4096);
  expect(zeroPage.subarray(0, 0x1e8).every((byte) => byte === 0)).toBe(true);
  expect(zeroPage[0x1ef]).toBe(0); // sentinel: anything else makes the kernel distrust the page
});

test('the memory map leaves out the hole below 1 MiB and ends with memory', () => {
  const { segments, initialState } = boot({ memoryMiB: 96 });
  const zeroPage = view(at(segments, initialState.esi));
  const map = Array.from({ length: zeroPage.getUint8(0x1e8) }, (_, i) => {
    const entry = 0x2d0 + 20 * i;
    const start = Number(zeroPage.getBigUint64(entry, true));
    return [start, start + Number(zeroPage.getBigUint64(entry + 8, true)), zeroPage.getUint32(entry + 16, true)];
  });
  expect(map).toEqual([
    [0, 0x9fc00, 1],
    [0x9fc00, 0xa0000, 2],
    [0xe0000, 0x100000, 2],
    [0x100000, 96 * MIB, 1],
  ]);
});

test('the BIOS data area agrees with the memory map', () => {
  const { segments } = boot();
  const bios = view(at(segments, 0x400));
  const extended = bios.getUint16(0x0e, true) * 16;
  expect([bios.getUint16(0, true), extended, bios.getUint16(0x13, true)]).toEqual([0x3f8, 0x9fc00, 639]);
  expect(at(segments, extended)[0]).toBe(1); // KiB, up to the hole
});

test('the command line is handed over with its terminator', () => {
  const { segments, initialState } = boot({ commandLine: 'root=/dev/ram0 name=größe' });
  const address = view(at(segments, initialState.esi)).getUint32(0x228, true);
  const bytes = at(segments, address);
  expect(new TextDecoder().decode(bytes)).toBe('root=/dev/ram0 name=größe\0');
});

const MACHINE = acpiMachine([], 64);

test('ACPI tables come along with the address of their root', () => {
  const acpi = buildAcpiTables(MACHINE);
  const { segments, initialState } = boot({ acpi });
  expect(view(at(segments, initialState.esi)).getBigUint64(0x70, true)).toBe(BigInt(acpi.rsdp));
  expect(segments).toEqual(expect.arrayContaining(acpi.segments));
});

describe('the initrd', () => {
  const place = (options: Partial<LinuxBootOptions>) => {
    const { segments, initialState } = boot(options);
    const zeroPage = view(at(segments, initialState.esi));
    const address = zeroPage.getUint32(0x218, true);
    expect(zeroPage.getUint32(0x21c, true)).toBe(options.initrd!.length);
    expect(at(segments, address)).toBe(options.initrd);
    return address;
  };

  test('goes to the top of memory, on a page', () => {
    expect(place({ initrd: cpio(MIB + 1) })).toBe(64 * MIB - MIB - 4096);
  });

  test('stays below what the kernel can address', () => {
    const kernel = syntheticKernel({ initrdAddressMax: 40 * MIB - 1 });
    expect(place({ kernel, initrd: cpio(MIB) })).toBe(39 * MIB);
  });

  test('may fill all the room above the kernel, and not a page more', () => {
    const room = 64 * MIB - (16 * MIB + MIB);
    expect(place({ initrd: cpio(room) })).toBe(17 * MIB);
    expect(() => boot({ initrd: cpio(room + 1) })).toThrow(/too big for a VM with 64 MiB.*47 MiB are free/);
  });

  test('may be left out, or empty', () => {
    for (const initrd of [undefined, new Uint8Array(0)]) {
      const { segments, initialState } = boot({ initrd });
      expect(view(at(segments, initialState.esi)).getUint32(0x21c, true)).toBe(0);
    }
  });
});

test('segments never overlap', () => {
  const { segments } = boot({ initrd: cpio(40 * MIB), acpi: buildAcpiTables(MACHINE), commandLine: 'x'.repeat(2047) });
  const sorted = [...segments].sort((a, b) => a.guestPhysical - b.guestPhysical);
  for (let i = 1; i < sorted.length; i++) {
    expect(sorted[i].guestPhysical).toBeGreaterThanOrEqual(sorted[i - 1].guestPhysical + sorted[i - 1].bytes.length);
  }
});

describe('refuses, saying why', () => {
  test.each<[string, Partial<LinuxBootOptions>, RegExp]>([
    ['memory too small', { memoryMiB: 16 }, /at least 17 MiB.*has 16 MiB/],
    ['a command line too long', { commandLine: 'x'.repeat(2048) }, /2048 bytes.*takes 2047/],
    ['a zero byte in the command line', { commandLine: 'a\0b' }, /zero byte/],
    ['an initrd that is none', { initrd: new Uint8Array(5000).fill(1) }, /not a cpio archive/],
    ['a truncated gzip', { initrd: gzipSync(cpio(5000), { level: 0 }).subarray(0, 4000) }, /truncated or corrupt/],
  ])('%s', (_, options, message) => {
    expect(() => boot(options)).toThrow(ImageError);
    expect(() => boot(options)).toThrow(message);
  });

  test('a gzip whose contents were damaged', () => {
    const archive = gzipSync(cpio(5000), { level: 0 });
    boot({ initrd: archive });
    archive[100] ^= 1;
    expect(() => boot({ initrd: archive })).toThrow(/checksum/);
  });

  test('but not one with a name in its header, or with padding or a second archive behind it', () => {
    const archive = gzipSync(cpio(5000), { filename: 'initrd.img', mtime: 0 });
    boot({ initrd: archive });
    for (const more of [new Uint8Array(512), gzipSync(cpio(3000))]) {
      boot({ initrd: Uint8Array.from([...archive, ...more]) });
    }
  });
});
