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
    expect(reason(bootSector)).toMatch(/HdrS/);
    const elf = new Uint8Array(10_000);
    elf.set([0x7f, 0x45, 0x4c, 0x46]);
    expect(reason(elf)).toMatch(/vmlinux.*vmlinuz/);
    expect(reason(new Uint8Array(0))).toMatch(/not a bzImage/);
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
