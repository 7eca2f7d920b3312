import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { FLOPPY_FORMATS, formatSize } from '../bus/floppy-formats.ts';
import { syntheticKernel } from '../firmware/bzimage.fixture.ts';
import { elfFile, multibootHeader } from '../firmware/multiboot.fixture.ts';
import { ImageReader } from './image-file.ts';
import { recognize } from './recognize.ts';
import { isUsable, type RecognizedImage } from './recognized.ts';
import {
  type CdOptions,
  cdImage,
  fatFloppy,
  GUID_BIOS_BOOT,
  GUID_EFI_SYSTEM,
  GUID_LINUX,
  gptDisk,
  image,
  le32,
  mbr,
  memoryFile,
  optionRomImage,
  SIGNATURE,
  systemRomImage,
  text,
} from './testing/images.ts';

const MIB = 1 << 20;
const VERSION = '6.1.0-9-686 (builder@host) #1 SMP';
const CPIO = `070701${'0'.repeat(104)}`;

const seen = (bytes: Uint8Array, name?: string) => recognize(memoryFile(bytes, name));
const problemsOf = ({ problems }: RecognizedImage) => problems.map(({ text }) => text).join(' ');

/** A disk of 4 MiB. */
function mbrDisk(first: Uint8Array, more: Parameters<typeof image>[1] = {}): Uint8Array<ArrayBuffer> {
  return image(4 * MIB, { 0: first, ...more });
}

const PLAIN_DISK = mbrDisk(mbr([{ type: 0x83, active: true, start: 2048, count: 6144 }]), {
  [MIB + 510]: SIGNATURE,
  [MIB]: '\xeb',
});
const ISOHYBRID = mbr([{ type: 0x17, active: true, start: 0, count: 128 }], 'isolinux');

describe('recognize: what the user reads', () => {
  const u64be = (value: number) => [0, 0, 0, 0, ...new Uint8Array(le32(value)).reverse()];
  it.each<[string, Uint8Array, string]>([
    ['Linux', syntheticKernel({ version: VERSION }), 'Linux kernel 6.1.0-9-686, 32 bits'],
    ['Linux for 64 bits', syntheticKernel({ version: VERSION, xloadflags: 1 }), 'Linux kernel 6.1.0-9-686, 64 bits'],
    ['cpio', text(CPIO), 'Linux initial RAM disk'],
    ['multiboot', image(8192, { 0: multibootHeader(0) }), 'Multiboot 1 kernel'],
    [
      'multiboot ELF',
      elfFile(0x100000, [{ virtual: 0x100000, physical: 0x100000, bytes: multibootHeader(0) }]),
      'Multiboot 1 kernel, ELF',
    ],
    ['multiboot 2', image(8192, { 0: le32(0xe85250d6, 0, 16, -(0xe85250d6 + 16)) }), 'Multiboot 2 kernel'],
    ['ELF', elfFile(0, []), 'ELF program, 32 bits'],
    ['PE', image(1024, { 0: 'MZ', 60: [0x80], 128: 'PE\0\0\x4c\x01', [0x80 + 24 + 68]: [10] }), 'EFI program for i386'],
    ['DOS program', image(1024, { 0: 'MZ' }), 'DOS program'],
    ['AArch64', image(1024, { 56: 'ARM\x64' }), 'Linux kernel for AArch64'],
    ['system ROM', systemRomImage(), 'System ROM, 128 KiB, of 06/23/99'],
    ['option ROM', optionRomImage(), 'Option ROM of a display card, 1 KiB'],
    ['qcow2', image(512, { 0: 'QFI\xfb\0\0\0\x03', 24: u64be(100 * MIB) }), 'qcow2 disk image, a disk of 100 MiB'],
    ['VMDK', image(512, { 0: 'KDMV\x01', 12: le32(2048 * 7) }), 'VMDK disk image, a disk of 7 MiB'],
    ['VDI', image(1024, { 64: [0x7f, 0x10, 0xda, 0xbe], 368: le32(3 * MIB) }), 'VDI disk image, a disk of 3 MiB'],
    ['VHD', image(1024, { 0: 'conectix', 48: u64be(5 * MIB) }), 'VHD disk image, a disk of 5 MiB'],
    [
      'dmg',
      image(4096, { [4096 - 512]: 'koly', [4096 - 512 + 492]: u64be(2048) }),
      'macOS disk image (dmg), a disk of 1 MiB',
    ],
    ['raw CD', image(4704, { 0: '\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0' }), 'CD image, raw sectors'],
    ['gzip', gzipSync(new Uint8Array(3 * MIB)), 'gzip file, 3 MiB unpacked'],
    ['xz', text('\xfd7zXZ\0'), 'xz file'],
    ['zstd', text('\x28\xb5\x2f\xfd\xa0\0\0\x40\0'), 'zstd file, 4 MiB unpacked'],
    ['ZIP', text('PK\x03\x04'), 'ZIP archive'],
    ['7z', text('7z\xbc\xaf\x27\x1c'), '7-Zip archive'],
    ['bzip2', text('BZh9'), 'bzip2 file'],
    ['tar', image(1024, { 257: 'ustar' }), 'tar archive'],
    ['HTML', text('\n<!DOCTYPE html><title>404'), 'Web page'],
    ['text', text('hello, this is a text\n'), 'Text'],
    ['empty', new Uint8Array(0), 'Empty file'],
    ['zeros', new Uint8Array(4 * MIB), 'Zeros, 4 MiB'],
    ['unknown', text('\x01\x02\x03'), 'Unknown, 3 bytes'],
    ['boot sector', image(512, { 0: '\xeb\x3c', 510: SIGNATURE }), 'Boot sector program, 512 bytes, boots'],
    ['DOS floppy', fatFloppy(['IO      SYS', 'MSDOS   SYS']), 'Floppy disk, 1.44 MB, FAT12, boots'],
    ['data floppy', fatFloppy(['README  TXT']), 'Floppy disk, 1.44 MB, FAT12, does not boot'],
    ['short floppy', fatFloppy(['IO      SYS']).subarray(0, 102400), 'Floppy disk, 100 KiB, FAT12, boots'],
    ['blank floppy', new Uint8Array(720 << 10).fill(0xf6), 'Floppy disk, 720 KB, does not boot'],
    ['disk', PLAIN_DISK, 'Disk, 4 MiB, MBR, Linux, boots'],
    [
      'ext2',
      image(2 * MIB, { [1024 + 0x38]: [0x53, 0xef] }),
      'Disk, 2 MiB, ext2 without partition table, does not boot',
    ],
    [
      'NTFS',
      image(2 * MIB, { 0: '\xeb\x52\x90NTFS    ', 510: SIGNATURE, 80: 'x' }),
      'Disk, 2 MiB, NTFS without partition table, boots',
    ],
    [
      'GPT',
      gptDisk(
        8192,
        [
          { type: GUID_BIOS_BOOT, name: 'b', first: 34, last: 100 },
          { type: GUID_LINUX, name: 'root', first: 200, last: 4000 },
        ],
        'GRUB',
      ),
      'Disk, 4 MiB, GPT, 2 partitions (BIOS boot + Linux), boots',
    ],
    [
      'GPT with an EFI system, and a loader of its own for a BIOS',
      gptDisk(8192, [{ type: GUID_EFI_SYSTEM, name: 'EFI', first: 34, last: 99 }], '\xfa\x31\xc0loading'),
      'Disk, 4 MiB, GPT, EFI system, boots',
    ],
    [
      'GPT whose code looks for what a BIOS boots, and finds none',
      gptDisk(8192, [{ type: GUID_LINUX, name: 'root', first: 34, last: 99 }], '\xfaMissing operating system'),
      'Disk, 4 MiB, GPT, Linux, does not boot',
    ],
    ['CD', cdImage({ volumeId: 'debian-12-i386' }), 'ISO 9660, “debian-12-i386”, boots by BIOS'],
    [
      'CD for both',
      cdImage({ catalog: { sections: [{ platform: 0xef, at: 23 }] } }),
      'ISO 9660, “TEST”, boots by BIOS and EFI',
    ],
    ['data CD', cdImage({ catalog: false }), 'ISO 9660, “TEST”, does not boot'],
    [
      'UDF',
      image(20 * 2048, { 32768: '\0BEA01', 34816: '\0NSR02', 36864: '\0TEA01' }),
      'CD or DVD with UDF only, does not boot',
    ],
  ])('%s', async (_, bytes, title) => {
    expect((await seen(bytes)).title).toBe(title);
  });

  it('says of a disk that no drive takes how large it may be, and proposes no machine', async () => {
    const read = async (offset: number, length: number) => {
      const bytes = new Uint8Array(length);
      bytes.set(PLAIN_DISK.subarray(Math.min(offset, PLAIN_DISK.length), offset + length));
      return bytes;
    };
    const sized = (size: number) => recognize({ name: 'huge.img', size, read });
    expect(await sized(2 ** 41)).toMatchObject({ problems: [], proposal: { start: 'drive' } });
    const found = await sized(2 ** 41 + 512);
    expect(found.problems).toEqual([{ blocks: true, text: expect.stringContaining('larger than 2 TiB') }]);
    expect(found.proposal).toBeUndefined();
  });

  it('reads little of a large file', async () => {
    const file = memoryFile(image(64 * MIB, { 0: PLAIN_DISK.subarray(0, 512) }));
    await recognize(file);
    expect(file.bytesRead).toBeLessThan(256 << 10);
  });

  it('reads no more than its budget, whatever a file asks for', async () => {
    const reader = await ImageReader.open(memoryFile(new Uint8Array(20 * MIB)));
    const sizes = [];
    for (let i = 1; i < 10; i++) sizes.push((await reader.bytes(i * 2 * MIB, 2 * MIB)).length);
    expect(sizes).toEqual([2, 2, 2, 2, 0, 0, 0, 0, 0].map((mib) => mib * MIB));
    expect((await reader.bytes(0, 512)).length).toBe(512);
  });

  it('a file that cannot be read', async () => {
    const found = await recognize({ name: 'x', size: 5, read: () => Promise.reject(new Error('NotReadableError')) });
    expect(problemsOf(found)).toBe('The file could not be read: NotReadableError. Choose it again.');
  });
});

describe('recognize: compressed initial RAM disks', () => {
  it('are told by what is in them', async () => {
    const file = memoryFile(gzipSync(text(CPIO)));
    expect(await recognize(file, () => Promise.resolve(text(CPIO)))).toMatchObject({ kind: 'initrd', packed: 'gzip' });
    expect(await recognize(file, () => Promise.resolve(text('else')))).toMatchObject({
      kind: 'packed',
      unpackable: true,
    });
    expect(await recognize(file, () => Promise.resolve(undefined))).toMatchObject({ kind: 'packed' });
  });
});

describe('recognize: what cannot work is said', () => {
  const cd = (options: CdOptions) => cdImage(options);
  it.each<[string, Uint8Array, string]>([
    ['64-bit Linux', syntheticKernel({ version: VERSION, xloadflags: 1 }), '64-bit processors'],
    ['truncated Linux', syntheticKernel().subarray(0, 2048), 'truncated'],
    ['initrd alone', text(CPIO), 'choose the kernel'],
    ['x86-64 ELF', image(4096, { 0: '\x7fELF\x02\x01\x01', 18: [62] }), 'x86-64'],
    ['multiboot 2 only', image(8192, { 0: le32(0xe85250d6, 0, 16, -(0xe85250d6 + 16)) }), 'GRUB'],
    ['qcow2', image(512, { 0: 'QFI\xfb\0\0\0\x03' }), 'qemu-img convert -f qcow2 -O raw'],
    ['EFI-only CD', cd({ catalog: { platform: 0xef } }), 'EFI only'],
    ['EFI-only disk', gptDisk(8192, [{ type: GUID_EFI_SYSTEM, name: 'EFI', first: 34, last: 99 }]), 'EFI only'],
    ['boot image beyond the end', cd({ catalog: { at: 9999 } }), 'points to byte'],
    ['empty boot image', cd({ catalog: { at: 25 } }), 'points to is empty'],
    ['CD without end of descriptors', cdImage().subarray(0, 18 * 2048), 'no end'],
    ['64-bit CD', cd({ volumeId: 'Debian 12 amd64 n' }), '64-bit processors'],
    ['begun disk', image(4 * MIB, { 510: SIGNATURE }), 'neither boot code nor partitions'],
    ['bzip2', text('BZh9'), 'bunzip2'],
    ['web page', text('<html>'), 'the download failed'],
  ])('%s', async (_, bytes, words) => {
    const found = await seen(bytes);
    expect(problemsOf(found)).toContain(words);
    expect(isUsable(found)).toBe(false);
  });

  it.each<[string, Uint8Array, string]>([
    ['truncated CD', cd({ declared: 5000 }), 'truncated'],
    ['CD without its padding', cd({ declared: 100 }), 'only padding is missing'],
    ['truncated disk', PLAIN_DISK.subarray(0, 2 * MIB), 'truncated'],
    ['truncated floppy', fatFloppy(['IO      SYS']).subarray(0, 700_000), 'has 1.4 MiB, the file 684 KiB'],
    [
      'floppy of a longer file system',
      image(737_280, { 0: fatFloppy(['IO      SYS']).subarray(0, 16384) }),
      'truncated',
    ],
    ['odd disk', image(4 * MIB + 7, { 0: PLAIN_DISK }), 'last 7 bytes'],
    ['no active partition', mbrDisk(mbr([{ type: 6, start: 63, count: 1000 }])), 'looks for an active partition'],
    ['no code', mbrDisk(mbr([{ type: 6, start: 63, count: 1000, active: true }], '')), 'no code in its first sector'],
    ['no boot sector', mbrDisk(mbr([{ type: 6, start: 63, count: 1000, active: true }])), 'has no boot sector'],
    ['data CD', cd({ catalog: false }), 'no boot catalog'],
    ['data floppy', fatFloppy(['README  TXT']), 'no system on it'],
  ])('%s, which may still be of use', async (_, bytes, words) => {
    const found = await seen(bytes);
    expect(problemsOf(found)).toContain(words);
    expect(isUsable(found)).toBe(true);
  });

  it('a damaged GPT is read from its copy', async () => {
    const bytes = gptDisk(8192, [{ type: GUID_LINUX, name: 'root', first: 200, last: 4000 }], 'GRUB');
    bytes[512 + 40] ^= 1;
    const found = await seen(bytes);
    expect(found).toMatchObject({ kind: 'disk', scheme: 'gpt', partitions: [{ name: 'root', start: 200 * 512 }] });
    expect(problemsOf(found)).toContain('the copy at the end is sound');
  });

  it('a boot catalog with a wrong checksum is none', async () => {
    const bytes = cdImage();
    bytes[21 * 2048 + 4] ^= 1;
    expect(problemsOf(await seen(bytes))).toContain('boot catalog is damaged');
  });

  it('an image without problem has none', async () => {
    for (const bytes of [PLAIN_DISK, cdImage(), syntheticKernel(), systemRomImage(), fatFloppy(['IO      SYS'])])
      expect((await seen(bytes)).problems).toEqual([]);
  });
});

describe('recognize: a machine that suits', () => {
  it.each<[string, Uint8Array, object]>([
    [
      'an installer',
      cdImage({ volumeId: 'Debian 12.5.0 i386 n' }),
      {
        guestOs: 'Debian',
        nic: 'virtio-net',
        memoryMiB: 512,
        bootOrder: ['disk', 'cdrom'],
        drives: [
          { model: 'ide-hd', medium: { kind: 'blank', sizeMiB: 8192 } },
          { model: 'ide-cd', medium: { kind: 'image' } },
        ],
      },
    ],
    [
      'Windows 98',
      cdImage({ volumeId: 'WIN98 SE', names: ['WIN98'] }),
      { guestOs: 'Windows 98', nic: 'ne2k-pci', memoryMiB: 128 },
    ],
    ['Windows 2000', cdImage({ names: ['CDROM_NT.5', 'I386'] }), { guestOs: 'Windows 2000' }],
    ['Windows XP', cdImage({ names: ['I386', 'WIN51', 'WIN51IP'] }), { guestOs: 'Windows XP', memoryMiB: 512 }],
    ['FreeBSD', cdImage({ volumeId: '13_2_RELEASE_I386_CD' }), { guestOs: 'FreeBSD' }],
    ['OpenBSD', cdImage({ volumeId: 'OpenBSD/i386   7.3 Install CD' }), { guestOs: 'OpenBSD' }],
    ['Haiku', cdImage({ mbr: mbr([{ type: 0xeb, start: 64, count: 64 }], 'code') }), { guestOs: 'Haiku' }],
    [
      'a live CD',
      cdImage({ volumeId: 'KNOPPIX' }),
      { bootOrder: ['cdrom'], drives: [{ model: 'ide-cd', bus: 1, unit: 0 }] },
    ],
    [
      'a CD that boots as a disk',
      cdImage({ catalog: false, mbr: ISOHYBRID }),
      { bootOrder: ['disk'], drives: [{ model: 'ide-hd' }] },
    ],
    ['MS-DOS', fatFloppy(['IO      SYS']), { guestOs: 'MS-DOS', bootOrder: ['floppy'], drives: [{ model: 'floppy' }] }],
    ['FreeDOS', fatFloppy(['KERNEL  SYS'], 'FreeDOS KERNEL  SYS'), { guestOs: 'FreeDOS' }],
    [
      'a boot sector',
      image(512, { 0: '\xeb\x3c', 510: SIGNATURE }),
      { drives: [{ model: 'floppy', medium: { kind: 'image', padTo: 1474560 } }] },
    ],
    ['a disk', PLAIN_DISK, { guestOs: 'Linux', drives: [{ model: 'ide-hd', bus: 0, unit: 0 }], bootOrder: ['disk'] }],
    ['a kernel', syntheticKernel({ version: VERSION }), { start: 'kernel', guestOs: 'Linux 6.1.0-9-686', drives: [] }],
    ['a ROM', systemRomImage(), { start: 'rom' }],
  ])('%s', async (_, bytes, proposal) => {
    expect((await seen(bytes)).proposal).toMatchObject(proposal);
  });

  it('every size of floppy disks has its format', async () => {
    for (const format of FLOPPY_FORMATS) {
      const found = await seen(image(formatSize(format), { 0: '\xeb\x3c', 510: SIGNATURE }));
      expect(found).toMatchObject({ kind: 'floppy', format });
    }
  });

  it('an El Torito catalog is read whole', async () => {
    const found = await seen(
      cdImage({
        catalog: {
          sections: [
            { platform: 1, at: 23 },
            { platform: 0xef, at: 24 },
          ],
        },
      }),
    );
    expect(found).toMatchObject({
      bootEntries: [
        { platform: 'bios', emulation: 'none', bootable: true, offset: 22 * 2048, loadedBytes: 2048 },
        { platform: 'powerpc', offset: 23 * 2048 },
        { platform: 'efi', offset: 24 * 2048 },
      ],
    });
  });

  it('logical partitions are followed, in a loop too', async () => {
    const extended = { type: 5, start: 1000, count: 5000 };
    const link = (start: number) =>
      mbr(
        [
          { type: 0x83, start: 10, count: 50 },
          { type: 5, start, count: 100 },
        ],
        '',
      );
    const found = await seen(mbrDisk(mbr([extended], 'GRUB'), { [1000 * 512]: link(200), [1200 * 512]: link(0) }));
    expect(found).toMatchObject({ partitions: [{ start: 512000 }, { start: 1010 * 512 }, { start: 1210 * 512 }] });
  });
});

describe('recognize: bad input', () => {
  const SAMPLES = [
    syntheticKernel({ version: VERSION }),
    elfFile(0, []),
    systemRomImage(64),
    optionRomImage(),
    fatFloppy(['IO      SYS']),
    PLAIN_DISK,
    gptDisk(8192, [{ type: GUID_LINUX, name: 'root', first: 200, last: 4000 }]),
    cdImage({ names: ['A', 'B'] }),
    image(1024, { 0: 'QFI\xfb\0\0\0\x03' }),
    image(512 << 10, { 0: 'vhdxfile', 196608: 'regi', 196616: [64] }),
    text(CPIO),
    image(4096, { 0: 'MZ', 60: [0x80], 128: 'PE\0\0' }),
    text('\x28\xb5\x2f\xfd\xa0\0\0\x40\0'),
    gzipSync(text('x')),
  ];
  /** Marsaglia's xorshift32. */
  function random(seed: number): () => number {
    let state = seed * 2654435761 + 1;
    return () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) / 2 ** 32;
    };
  }

  it.each(SAMPLES.map((_, i) => i))(
    'sample %i: truncated and with bytes changed it is still called something',
    async (i) => {
      const sample = SAMPLES[i];
      for (let seed = 1; seed <= 60; seed++) {
        const next = random(seed * 97 + i);
        const bytes = sample.slice(0, seed % 2 ? sample.length : Math.floor(next() * sample.length));
        // Where structures are; elsewhere there is nothing to go wrong.
        for (let n = Math.floor(next() * 20); n > 0; n--)
          bytes[Math.floor(next() * Math.min(bytes.length, 72 << 10))] = [0, 1, 0x7f, 0x80, 0xff][
            Math.floor(next() * 5)
          ];
        for (let n = Math.floor(next() * 4); n > 0; n--) bytes[Math.floor(next() * 600)] = Math.floor(next() * 256);
        const file = memoryFile(bytes);
        const found = await recognize(file);
        expect(found.title, `seed ${seed}`).not.toBe('');
        expect(
          found.problems.every((problem) => /^[A-Z].*[.a-z]$/s.test(problem.text)),
          problemsOf(found),
        ).toBe(true);
        expect(file.bytesRead).toBeLessThanOrEqual(9 * MIB);
      }
    },
  );
});
