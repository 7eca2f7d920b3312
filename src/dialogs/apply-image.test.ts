import { expect, it } from 'vitest';
import { syntheticKernel } from '../../engine/pc/firmware/bzimage.fixture.ts';
import { elfFile, multibootHeader } from '../../engine/pc/firmware/multiboot.fixture.ts';
import { recognize } from '../../engine/pc/images/recognize.ts';
import { cdImage, fatFloppy, image, memoryFile, systemRomImage, text } from '../../engine/pc/images/testing/images.ts';
import { applyImage, canBeForced, type GivenImage, isLoadedWhole, isTaken, withoutItem } from './apply-image.ts';
import type { NewVmForm } from './new-vm-form.ts';

const EMPTY: NewVmForm = {
  name: 'vm-1',
  suggestion: 'vm-1',
  hostId: 'h',
  isHostChosen: true,
  source: 'catalogue',
  guest: 'linux',
  memoryMiB: '128',
  drives: [],
  bootOrder: 'own',
  screen: 'none',
  nics: [{ model: 'virtio-net', portGroup: 'VM Network', mac: '52:54:00:00:00:01' }],
  powerOn: true,
};
const CD = cdImage({ volumeId: 'Debian 12 i386' });

async function given(name: string, bytes: Uint8Array<ArrayBuffer>, item = 1): Promise<GivenImage> {
  const found = await recognize(memoryFile(bytes, name));
  const common = { name, contents: new Blob([bytes]), image: found };
  return { ...common, item, ...(isLoadedWhole(common.image) && { bytes }) };
}

const apply = async (form: NewVmForm, ...image: Parameters<typeof given>) =>
  applyImage(form, await given(...image), (base) => `${base}-7`);
const drivesOf = ({ drives }: NewVmForm) => drives.map(({ model, medium }) => `${model}: ${medium?.spec.name ?? ''}`);

it('a CD makes a machine that boots from it, with a disk to install to', async () => {
  const form = await apply(EMPTY, 'debian.iso', CD);
  expect(form).toMatchObject({
    source: 'drives',
    screen: 'VGA',
    name: 'debian-7',
    guestOs: 'Debian',
    memoryMiB: '512',
  });
  expect(drivesOf(form)).toEqual(expect.arrayContaining(['ide-cd: debian.iso', 'ide-hd: ']));
  expect(form.drives).toHaveLength(2);
});

it('a floppy disk leaves a CD drive for files, which the next image takes', async () => {
  const floppy = await apply(EMPTY, 'dos.img', fatFloppy(['IO      SYS']));
  expect(floppy).toMatchObject({ source: 'drives', bootOrder: 'floppy' });
  expect(drivesOf(floppy)).toEqual(['ide-cd: ', 'floppy: dos.img']);
  const both = await apply({ ...floppy, memoryMiB: '99' }, 'debian.iso', CD, 2);
  expect(drivesOf(both)).toEqual(['ide-cd: debian.iso', 'floppy: dos.img']);
  // The first image made the machine.
  expect(both).toMatchObject({ memoryMiB: '99', bootOrder: 'floppy', name: floppy.name });
});

it('a kernel and its initial RAM disk are started directly, in any order', async () => {
  const kernel = syntheticKernel({ version: '6.1.0' });
  const initrd = text(`070701${'0'.repeat(104)}`) as Uint8Array<ArrayBuffer>;
  const names = ({ source, kernel, initrd }: NewVmForm) => [source, kernel?.name, initrd?.name];
  const expected = ['files', 'vmlinuz', 'initrd'];
  expect(names(await apply(await apply(EMPTY, 'vmlinuz', kernel), 'initrd', initrd, 2))).toEqual(expected);
  const later = await apply(await apply(EMPTY, 'initrd', initrd), 'vmlinuz', kernel, 2);
  expect(names(later)).toEqual(expected);
  expect(later.kernel?.bytes).toEqual(kernel);
  expect(isTaken(await given('initrd', initrd))).toBe(true);
  expect(isTaken(await given('vmlinuz', syntheticKernel({ version: '6', xloadflags: 1 })))).toBe(false);
});

it('a multiboot kernel gets a screen, for it writes to its memory', async () => {
  const bytes = Uint8Array.of(...multibootHeader(0), 0xf4);
  const kernel = new Uint8Array(elfFile(0x10000c, [{ virtual: 0x100000, physical: 0x100000, bytes }]));
  expect(await apply(EMPTY, 'kernel.elf', kernel)).toMatchObject({ source: 'files', screen: 'VGA' });
  expect(await apply(EMPTY, 'vmlinuz', syntheticKernel({ version: '6' }))).toMatchObject({ screen: 'none' });
});

it('a system ROM takes the place of the BIOS', async () => {
  const form = await apply(EMPTY, 'rom.bin', systemRomImage());
  expect(form).toMatchObject({ source: 'drives', screen: 'VGA', rom: { name: 'rom.bin' } });
});

it('a name that was typed stays', async () => {
  expect((await apply({ ...EMPTY, name: 'mine' }, 'debian.iso', CD)).name).toBe('mine');
});

it('a file that is taken back takes with it what it brought', async () => {
  const form = await apply(EMPTY, 'debian.iso', CD, 5);
  expect(withoutItem(form, 5).drives.filter(({ medium, sizeMiB }) => medium || sizeMiB)).toEqual([]);
  expect(withoutItem(form, 6)).toEqual(form);
});

it('only what lies in a drive can be used in spite of its problems', async () => {
  const blank = await given('blank.img', image(4 << 20, {}));
  expect(canBeForced(blank)).toBe(blank.image.kind === 'disk');
  expect(canBeForced(await given('debian.iso', CD))).toBe(false);
  expect(canBeForced(await given('vmlinuz', syntheticKernel({ version: '6', xloadflags: 1 })))).toBe(false);
});
