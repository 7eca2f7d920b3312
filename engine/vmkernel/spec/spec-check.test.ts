import { describe, expect, it } from 'vitest';
import { checkSavedVm, SavedVmError } from '../vm/saved-vm.ts';
import type { VmSpec } from './spec.ts';
import { checkVmOutline, checkVmSpec, SpecError } from './spec-check.ts';
import { vmOutline } from './vm-outline.ts';

const GOOD: VmSpec = {
  id: 'a',
  name: 'web',
  guestOs: 'Linux',
  memoryMiB: 128,
  kernel: { kind: 'url', url: 'k' },
  initrd: { kind: 'bytes', name: 'i', bytes: new Uint8Array(1) },
  commandLine: '',
  nics: [{ model: 'ne2k-pci', mac: '52:54:00:00:00:01' }],
};

const OPTION_ROM = { model: 'pci-testdev', image: { kind: 'url', url: 'rom' }, sizeKiB: 4 };
const DISK = { model: 'virtio-blk', medium: { name: 'd', source: { kind: 'url', url: 'd' } } };

const ROM = { image: { kind: 'url', url: 'bios' }, sizeKiB: 64 };

describe('checkVmSpec', () => {
  it('takes a good one as it is, its name tidied', () => {
    expect(checkVmSpec(GOOD)).toEqual(GOOD);
    expect(checkVmSpec({ ...GOOD, name: '  web  1 ' }).name).toBe('web 1');
  });

  it('takes a machine of another CPU, with firmware and devices', () => {
    const { kernel: _, initrd: __, ...rest } = GOOD;
    const whole: VmSpec = {
      ...rest,
      cpu: { model: 'pentium3', features: { sse: false } },
      firmware: {
        ...{ image: { kind: 'url', url: 'bios' }, sizeKiB: 128 },
        roms: [{ model: 'pci-testdev', image: { kind: 'url', url: 'rom' }, sizeKiB: 32 }],
      },
      boot: { order: ['disk', 'cdrom'], once: ['cdrom'], menu: true, menuWaitMs: 500, strict: true, retryMs: 0 },
      devices: [{ model: 'isa-serial', properties: { index: 1, chardev: 'log' } }, { model: 'isa-debug-exit' }],
    };
    expect(checkVmSpec(whole)).toEqual(whole);
  });

  it('takes properties of disks and cards that say nothing of a place, several times', () => {
    const properties = { 'disable-legacy': 'on' };
    const nics = ['01', '02'].map((end) => ({ model: 'virtio-net', mac: `52:54:00:00:00:${end}`, properties }));
    const spec = { ...GOOD, nics, drives: Array(2).fill({ ...DISK, properties }) };
    expect(checkVmSpec(spec)).toEqual(spec);
    const wrong = (properties: object) => () => checkVmSpec({ ...spec, nics: [{ ...nics[0], properties }] });
    expect(wrong({ 'disable-legacy': 'perhaps' })).toThrow(
      'disable-legacy of virtio-net must be "on" or "off" or "auto"',
    );
    expect(wrong({ 'disable-legacy': 'on', 'disable-modern': 'on' })).toThrow('no driver reaches it');
  });

  it('takes drives: empty ones, and media from files, URLs, bytes, paths and this tab’s memory', () => {
    const sources = [
      { kind: 'blob', blob: new Blob([new Uint8Array(1)]) },
      { kind: 'url', url: 'u' },
      { kind: 'bytes', bytes: new Uint8Array(1) },
      { kind: 'path', path: 'p', snapshot: true },
      { kind: 'held', tab: 't' },
    ];
    const drives = sources.map((source) => ({ model: 'virtio-blk', medium: { name: 'd', source, readOnly: true } }));
    const spec = { ...GOOD, drives: [...drives, { model: 'virtio-blk' }] };
    expect(checkVmSpec(spec)).toEqual(spec);
    const outline = vmOutline(checkVmSpec(spec));
    expect(outline.drives?.map(({ medium }) => medium)).toEqual([
      ...new Array(4).fill({ name: 'd', readOnly: true }),
      { name: 'd', readOnly: true, tab: 't' },
      undefined,
    ]);
    expect(checkVmOutline(outline)).toEqual(outline);
  });

  it.each([
    [undefined, 'id is missing'],
    [{ ...GOOD, id: '' }, 'no usable id'],
    [{ ...GOOD, id: 'x'.repeat(5000) }, 'no usable id'],
    [{ ...GOOD, name: ' ' }, 'A name is needed'],
    [{ ...GOOD, name: 'x'.repeat(5000) }, 'at most 63 characters'],
    [{ ...GOOD, name: 'a\u202eb' }, 'cannot be seen'],
    [{ ...GOOD, guestOs: 'x'.repeat(5000) }, 'guest name'],
    [{ ...GOOD, commandLine: 'x'.repeat(50_000) }, 'command line'],
    [{ ...GOOD, memoryMiB: Number.NaN }, 'whole number of MiB'],
    [{ ...GOOD, kernel: { kind: 'url', url: 'x'.repeat(5000) } }, 'no kernel image'],
    [{ ...GOOD, nics: [{ model: 'virtio-net', mac: '00:00:00:00:00:00' }] }, 'network card'],
    [{ ...GOOD, nics: [...(GOOD.nics ?? []), ...(GOOD.nics ?? [])] }, 'two network cards'],
    [{ ...GOOD, commandLine: 5 }, 'commandLine is missing'],
    [{ ...GOOD, memoryMiB: 1.5 }, 'whole number of MiB'],
    [{ ...GOOD, memoryMiB: 5000 }, 'from 4 to 3072'],
    [{ ...GOOD, kernel: { kind: 'file' } }, 'no kernel image'],
    [{ ...GOOD, kernel: { kind: 'bytes', bytes: [1] } }, 'no kernel image'],
    [{ ...GOOD, initrd: { kind: 'url' } }, 'no usable initrd'],
    [{ ...GOOD, vgaBios: { kind: 'url' } }, 'no usable VGA BIOS'],
    [{ ...GOOD, initrd: undefined, modules: [{ image: GOOD.kernel }] }, 'no list of them'],
    [{ ...GOOD, modules: [{ image: GOOD.kernel, commandLine: 'm' }] }, 'both an initrd and modules'],
    [{ ...GOOD, nics: {} }, 'network cards'],
    [{ ...GOOD, nics: [{ model: 'e1000', mac: '52:54:00:00:00:01' }] }, 'network card'],
    [{ ...GOOD, nics: [{ model: 'virtio-net', mac: '53:54:00:00:00:01' }] }, 'network card'],
    [{ ...GOOD, nics: [{ model: 'virtio-net', mac: 'none' }] }, 'network card'],
    [{ ...GOOD, nics: Array(9).fill({ model: 'virtio-net', mac: '52:54:00:00:00:01' }) }, 'network cards'],
    [{ ...GOOD, firmware: ROM }, 'both firmware and a kernel'],
    [{ ...GOOD, kernel: undefined }, 'no kernel image'],
    [{ ...GOOD, kernel: undefined, firmware: { ...ROM, image: 'bios' } }, 'no firmware image'],
    [{ ...GOOD, kernel: undefined, firmware: { ...ROM, sizeKiB: 100 } }, 'a multiple of 64 KiB, up to 16384 KiB'],
    [{ ...GOOD, cpu: { model: 'athlon' } }, 'there is no CPU model "athlon"'],
    [{ ...GOOD, cpu: { model: 'max', features: { quantum: true } } }, 'no feature "quantum"'],
    [{ ...GOOD, cpu: { model: 'max', features: { sse: 'on' } } }, 'features that are true or false'],
    [{ ...GOOD, cpu: null }, 'CPU that is not possible'],
    [{ ...GOOD, boot: 'disk' }, 'boot options that are none'],
    [{ ...GOOD, boot: { order: ['disk', 'disk'] } }, 'boot order'],
    [{ ...GOOD, boot: { once: ['tape'] } }, 'of floppy, disk, cdrom, network, each once'],
    [{ ...GOOD, boot: { menu: 'yes' } }, 'neither on nor off'],
    [{ ...GOOD, boot: { menuWaitMs: 65_536 } }, '0 to 65535 ms'],
    [{ ...GOOD, boot: { retryMs: -1 } }, '0 to 65535 ms'],
    [{ ...GOOD, kernel: undefined, firmware: { ...ROM, roms: {} } }, 'no list of them'],
    [
      { ...GOOD, kernel: undefined, firmware: { ...ROM, roms: new Array(9).fill(OPTION_ROM) } },
      'more than 8 option ROMs',
    ],
    ...[0, 2, 48, 2048, 'x'].map((sizeKiB): [unknown, string] => [
      { ...GOOD, kernel: undefined, firmware: { ...ROM, roms: [{ ...OPTION_ROM, sizeKiB }] } },
      'a power of two KiB, 4 to 1024',
    ]),
    [{ ...GOOD, kernel: undefined, firmware: { ...ROM, roms: [{ model: 'VGA', sizeKiB: 4 }] } }, 'option ROM of VGA'],
    [{ ...GOOD, drives: {} }, 'more than 14 drives'],
    [{ ...GOOD, drives: Array(15).fill(DISK) }, 'more than 14 drives'],
    [{ ...GOOD, drives: Array(9).fill(DISK) }, 'more than 8 virtio disks'],
    [
      { ...GOOD, drives: Array(2).fill({ model: 'ide-hd', properties: { bus: 0, unit: 1 } }) },
      'in one place (bus 0, unit 1)',
    ],
    [{ ...GOOD, drives: Array(3).fill({ model: 'floppy', properties: { unit: 1 } }) }, 'more than 2 floppy drives'],
    [{ ...GOOD, drives: [null] }, 'its model must be one of'],
    [{ ...GOOD, drives: [{ ...DISK, model: 'tape' }] }, 'its model must be one of'],
    [{ ...GOOD, drives: [{ ...DISK, properties: { bus: 1 } }] }, 'virtio-blk has no property "bus"'],
    [{ ...GOOD, drives: [{ ...DISK, medium: { ...DISK.medium, name: '' } }] }, 'no usable name'],
    [{ ...GOOD, drives: [{ ...DISK, medium: { ...DISK.medium, size: -1 } }] }, 'no usable name or size'],
    [{ ...GOOD, drives: [{ ...DISK, medium: { name: 'd', source: { kind: 'blob', blob: {} } } }] }, 'from nowhere'],
    [{ ...GOOD, drives: [{ ...DISK, medium: { name: 'd' } }] }, 'from nowhere'],
    [{ ...GOOD, devices: [{ model: 'virtio-blk', properties: { index: 0 } }] }, 'among its drives'],
    [{ ...GOOD, devices: {} }, 'no list of them'],
    [{ ...GOOD, devices: [null] }, 'device without a name'],
    [{ ...GOOD, devices: [{ model: 'quantum' }] }, 'there is no device "quantum"'],
    [
      { ...GOOD, devices: [{ model: 'virtio-net', properties: { index: 3, mac: '52:54:00:00:00:09' } }] },
      'among its nics',
    ],
    [
      { ...GOOD, devices: [{ model: 'isa-debugcon', properties: { iobase: 0, chardev: 'c' } }] },
      'iobase of isa-debugcon',
    ],
    [{ ...GOOD, devices: [{ model: 'isa-serial', properties: [] }] }, 'no list of properties'],
    [{ ...GOOD, devices: [{ model: 'isa-debug-exit', properties: { iobase: 0x3f8 } }] }, 'port 0x3f8 is already taken'],
    [{ ...GOOD, devices: [{ model: 'isa-debug-exit', properties: { iobase: 0xffff } }] }, 'no ports 0xffff + 2'],
  ])('refuses %j', (spec, message) => {
    expect(() => checkVmSpec(spec)).toThrow(SpecError);
    expect(() => checkVmSpec(spec)).toThrow(message);
  });
});

describe('checkSavedVm', () => {
  const vcpu = {
    version: 1,
    cpu: {},
    machine: { clock: { now: 5, stoppedAt: 0 } },
    serialPosition: 3,
    timestamp: 9,
    frames: [[new Uint8Array(60)]],
  };
  const good = { version: 5, vcpu, run: 1, network: [], history: { position: 1, bytes: new Uint8Array(2) } };

  it('takes a whole one', () => {
    expect(checkSavedVm(good)).toBe(good);
  });

  it.each([
    undefined,
    { ...good, version: 1 },
    { ...good, network: undefined },
    { ...good, run: undefined },
    { ...good, vcpu: undefined },
    { ...good, vcpu: { ...vcpu, timestamp: Number.NaN } },
    { ...good, vcpu: { ...vcpu, machine: {} } },
    { ...good, vcpu: { ...vcpu, frames: undefined } },
    { ...good, vcpu: { ...vcpu, frames: [[[1, 2]]] } },
    { ...good, history: { position: 2, bytes: new Uint8Array(2) } },
    { ...good, history: { position: 1, bytes: [0, 0] } },
  ])('refuses %j', (saved) => {
    expect(() => checkSavedVm(saved)).toThrow(SavedVmError);
  });
});
