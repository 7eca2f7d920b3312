import { describe, expect, test } from 'vitest';
import { syntheticKernel } from './bzimage.fixture.ts';
import { parseBzImage } from './bzimage.ts';
import { crc32 } from './crc32.ts';
import { ImageError } from './image-error.ts';

function reason(file: Uint8Array): string {
  try {
    parseBzImage(file);
  } catch (error) {
    expect(error).toBeInstanceOf(ImageError);
    return (error as Error).message;
  }
  return 'accepted';
}

test('CRC-32 of the check string', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

describe('a good image', () => {
  test('gives payload, address and limits', () => {
    const file = syntheticKernel({ payloadBytes: 5000, initSize: 0x300000, commandLineSize: 255 });
    const image = parseBzImage(file);
    expect(image.protocol).toBe(0x20f);
    expect(image.payload).toEqual(file.subarray(1536));
    expect(image.header).toEqual(file.subarray(0x1f1, 0x26c));
    expect(image.loadAddress).toBe(0x1000000);
    expect(image.initSize).toBe(0x300000);
    expect(image.initrdAddressMax).toBe(0x7fffffff);
    expect(image.commandLineMax).toBe(255);
  });

  test('that is not relocatable goes to 1 MiB', () => {
    expect(parseBzImage(syntheticKernel({ relocatable: false })).loadAddress).toBe(0x100000);
  });

  test('of an old protocol has the limits that its time took for granted', () => {
    const image = parseBzImage(syntheticKernel({ protocol: 0x202, payloadBytes: 3000 }));
    expect(image.loadAddress).toBe(0x100000);
    expect(image.initSize).toBe(3000);
    expect(image.initrdAddressMax).toBe(0x37ffffff);
    expect(image.commandLineMax).toBe(255);
  });

  test('may have bytes behind its end, as a signature', () => {
    const file = syntheticKernel({ payloadBytes: 8192 });
    const signed = new Uint8Array(file.length + 64).fill(0xaa);
    signed.set(file);
    expect(parseBzImage(signed).payload).toEqual(file.subarray(1536));
  });
});

describe('refuses, saying why', () => {
  test('something that is no kernel', () => {
    expect(reason(new Uint8Array(100))).toMatch(/not a bzImage.*100 bytes/);
    expect(reason(new Uint8Array(10_000))).toMatch(/AA55/);
    const bootSector = new Uint8Array(10_000);
    bootSector.set([0x55, 0xaa], 0x1fe);
    expect(reason(bootSector)).toMatch(/boot sector or a disk image.*BIOS/);
    const elf = new Uint8Array(10_000);
    elf.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
    elf[18] = 3;
    expect(reason(elf)).toMatch(/vmlinux.*vmlinuz/);
    expect(reason(new Uint8Array(0))).toMatch(/not a bzImage/);
  });

  test('a file of another kind, by its name', () => {
    const at = (offset: number, text: string) => {
      const file = new Uint8Array(40_000);
      file.set(
        [...text].map((c) => c.charCodeAt(0)),
        offset,
      );
      return file;
    };
    const program = at(0, 'MZ');
    program.set([0x80, 0, 0, 0], 0x3c);
    program.set([0x50, 0x45, 0, 0, 0x64, 0x86], 0x80);
    expect(reason(program)).toMatch(/EFI .*program for x86-64/);
    expect(reason(at(0, 'MZ'))).toContain('a DOS program');
    expect(reason(at(0, '\x1f\x8b'))).toContain('a gzip file');
    expect(reason(at(0, '070701'))).toContain('initial RAM disks');
    expect(reason(at(0, 'QFI\xfb'))).toContain('qcow2');
    expect(reason(at(0x8001, 'CD001'))).toContain('a CD image');
    expect(reason(at(0, '\n<!DOCTYPE html>'))).toContain('a web page');
    expect(reason(at(0, 'MZ').subarray(0, 70))).toContain('a DOS program');
  });

  test('an ELF file of another processor, or with the newer multiboot header', () => {
    const header = (fields: [number, number][]) => {
      const file = new Uint8Array(4096);
      file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
      for (const [offset, value] of fields) file[offset] = value;
      return file;
    };
    expect(
      reason(
        header([
          [4, 2],
          [18, 62],
        ]),
      ),
    ).toMatch(/another processor \(x86-64\)/);
    expect(reason(header([[18, 183]]))).toContain('AArch64');
    expect(
      reason(
        header([
          [5, 2],
          [19, 8],
        ]),
      ),
    ).toContain('MIPS');
    const multiboot2 = header([[18, 3]]);
    new DataView(multiboot2.buffer).setUint32(0x100, 0xe85250d6, true);
    new DataView(multiboot2.buffer).setUint32(0x108, 16, true);
    new DataView(multiboot2.buffer).setUint32(0x10c, -(0xe85250d6 + 16), true);
    expect(reason(multiboot2)).toMatch(/multiboot 2 header only/);
  });

  test('a kernel for 64-bit processors', () => {
    const file = syntheticKernel({ xloadflags: 1, version: '6.1.0-54-amd64 (builder@host) #1 SMP' });
    expect(reason(file)).toMatch(/\(6\.1\.0-54-amd64\) is for 64-bit processors.*i386 or i686/);
    expect(reason(syntheticKernel({ xloadflags: 1 }))).toMatch(/^The kernel is for 64-bit/);
    // Bit 2, "can be loaded above 4 GiB", is of 32-bit kernels too; before protocol 2.12 the field did not exist.
    expect(reason(syntheticKernel({ xloadflags: 4 }))).toBe('accepted');
    expect(reason(syntheticKernel({ protocol: 0x20b, xloadflags: 1 }))).toBe('accepted');
  });

  test('what starts in real mode, but not a Linux that leaves the same fields empty', () => {
    const memdisk = { protocol: 0x203, version: 'MEMDISK 6.04 20200816', syssize: 0, code32Start: 0x100000 };
    const lkrn = { protocol: 0x207, version: '1.0.0+git-20190125', code32Start: 0 };
    for (const kernel of [memdisk, lkrn]) {
      expect(reason(syntheticKernel(kernel))).toMatch(/\(.*\) starts in real mode and calls the BIOS/);
    }
    expect(reason(syntheticKernel({ ...memdisk, version: '2.4.37 (a@b) #2 Sat' }))).toBe('accepted');
    expect(reason(syntheticKernel({ version: 'Memtest86+ v6.10', code32Start: 0x100000 }))).toBe('accepted');
    expect(reason(syntheticKernel(memdisk).subarray(0, 1536))).toContain('real mode');
  });

  test('a protocol too old, and a zImage', () => {
    expect(reason(syntheticKernel({ protocol: 0x201 }))).toMatch(/2\.01.*2\.02/);
    expect(reason(syntheticKernel({ loadflags: 0 }))).toMatch(/zImage/);
  });

  test('a truncated image, at any length', () => {
    const file = syntheticKernel({ payloadBytes: 100_000 });
    for (const length of [1536, 1600, 50_000, file.length - 16]) {
      expect(reason(file.subarray(0, length))).toMatch(/truncated.*promises 101536 bytes.*Fetch it again/);
    }
  });
});
