import { describe, expect, it } from 'vitest';
import { checkVmSpec } from '../../engine/vmkernel/spec/spec-check.ts';
import type { Catalogue, GuestImage } from '../session/catalogue.ts';
import type { HostView } from '../state/fleet.ts';
import type { DriveForm } from './drive-form.ts';
import { checkNewVm, commandLineOf, type NewVmForm, placeOf, type Surroundings, specOf } from './new-vm-form.ts';

const guest: GuestImage = {
  name: 'linux',
  os: 'Debian 12',
  kernel: { kind: 'url', url: 'http://site/guests/linux/vmlinuz' },
  commandLine: 'console=ttyS0',
  memoryMiB: 128,
};

const url = (name: string) => ({ kind: 'url' as const, url: `http://site/guests/firmware/${name}` });
const firmware = { bios: url('bios'), biosKiB: 256, vgaBios: url('vga'), vgaBiosKiB: 64 };
const catalogue: Catalogue = { guests: [guest], firmware };
const cd: DriveForm = {
  key: 'cd',
  model: 'ide-cd',
  medium: { spec: { name: 'debian.iso', source: { kind: 'blob', blob: new Blob(['cd']) } }, size: 2 },
};

const form = (change: Partial<NewVmForm> = {}): NewVmForm => ({
  name: 'linux-1',
  suggestion: 'linux-1',
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
  ...change,
});

const taken = (...names: string[]): Surroundings => ({ names, macs: new Set(), catalogue });

describe('new VM form', () => {
  it('accepts a guest of the catalogue', () => {
    expect(checkNewVm(form(), taken())).toEqual({});
    expect(specOf(form(), 'vm-1', catalogue)).toMatchObject({
      id: 'vm-1',
      guestOs: 'Debian 12',
      kernel: guest.kernel,
      memoryMiB: 128,
      commandLine: 'console=ttyS0 hostname=linux-1',
      nics: [{ model: 'virtio-net', portGroup: 'VM Network', mac: '52:54:00:00:00:01' }],
      drives: [{ model: 'ide-cd', properties: { bus: 1, unit: 0 } }],
    });
  });

  it('says what is wrong with each field', () => {
    const errors = checkNewVm(form({ name: 'web', memoryMiB: '12.5', source: 'files', hostId: '' }), taken('web'));
    expect(errors.name).toContain('already');
    expect(errors.memoryMiB).toContain('MiB');
    expect(errors.kernel).toContain('bzImage');
    expect(errors.hostId).toBeDefined();
    expect(errors.guest).toBeUndefined();
    const macs = new Set(['52:54:00:00:00:01']);
    expect(checkNewVm(form(), { ...taken(), macs }).nics).toContain('MAC');
  });

  it('says while one types that the VM does not fit on the host', () => {
    const host = { memoryFreeMiB: 100, info: { name: 'host-a', memoryMiB: 256 } } as HostView;
    const memoryError = (change: Partial<NewVmForm>) => checkNewVm(form(change), { ...taken(), host }).memoryMiB;
    expect(memoryError({ memoryMiB: '64' })).toBeUndefined();
    expect(memoryError({ memoryMiB: '128' })).toContain('no room to power it on');
    expect(memoryError({ memoryMiB: '128', powerOn: false })).toBeUndefined();
    expect(memoryError({ memoryMiB: '256', powerOn: false })).toContain('can never hold it');
    expect(memoryError({ memoryMiB: 'many' })).toContain('whole number of MiB');
  });

  it('bounds names and keeps those apart that DNS could not', () => {
    const nameError = (name: string, ...others: string[]) => checkNewVm(form({ name }), taken(...others)).name;
    expect(nameError('x'.repeat(5000))).toContain('63');
    expect(nameError('WEB1', 'web1')).toContain('already');
    expect(nameError('web 1', 'web-1')).toContain('In DNS');
    expect(nameError('a\u202eb')).toBeDefined();
    expect(specOf(form({ name: ' web  1 ' }), 'vm-1', catalogue).name).toBe('web 1');
  });

  it('recommends a command line until one is typed', () => {
    expect(commandLineOf(form({ name: 'web 1' }), [guest])).toBe('console=ttyS0 hostname=web-1');
    expect(commandLineOf(form({ source: 'files' }), [guest])).toBe('console=ttyS0');
    expect(commandLineOf(form({ source: 'files', screen: 'VGA' }), [guest])).toBe('console=ttyS0 console=tty0');
    expect(commandLineOf(form({ commandLine: '' }), [guest])).toBe('');
  });

  it('takes own files as they are, and no initrd if none was chosen', () => {
    const bytes = new Uint8Array([1, 2]);
    const spec = specOf(form({ source: 'files', kernel: { name: 'vmlinuz', bytes } }), 'vm-1', catalogue);
    expect(spec.kernel).toEqual({ kind: 'bytes', name: 'vmlinuz', bytes });
    expect(spec.initrd).toBeUndefined();
    expect(spec.guestOs).toBe('Linux (vmlinuz)');
  });

  it('makes a machine that firmware boots from its drives', () => {
    const disk: DriveForm = { key: 'disk', model: 'ide-hd', sizeMiB: '8192' };
    const change = { source: 'drives' as const, screen: 'VGA' as const, bootOrder: 'cdrom', drives: [cd, disk] };
    expect(checkNewVm(form(change), taken())).toEqual({});
    const spec = specOf(form({ ...change, guestOs: 'Debian' }), 'vm-1', catalogue);
    expect(spec).toMatchObject({
      guestOs: 'Debian',
      firmware: { image: firmware.bios, sizeKiB: 256, roms: [{ model: 'VGA', image: firmware.vgaBios, sizeKiB: 64 }] },
      boot: { order: ['cdrom', 'disk', 'floppy'] },
      drives: [
        { model: 'ide-cd', properties: { bus: 1, unit: 0 }, medium: { name: 'debian.iso' } },
        { model: 'ide-hd', properties: { bus: 0, unit: 0 }, medium: { source: { kind: 'blank', size: 8 * 2 ** 30 } } },
      ],
    });
    expect(spec.kernel).toBeUndefined();
    expect(() => checkVmSpec(spec)).not.toThrow();
    const blind = specOf(form({ ...change, screen: 'none' }), 'vm-1', catalogue);
    expect(blind.firmware?.roms).toBeUndefined();
    expect(blind.devices?.map(({ model }) => model)).not.toContain('VGA');
    expect(() => checkVmSpec(blind)).not.toThrow();
  });

  it('says what a machine with drives lacks', () => {
    const drivesError = (drives: DriveForm[]) => checkNewVm(form({ source: 'drives', drives }), taken()).drives;
    expect(drivesError([])).toContain('nothing to boot from');
    expect(drivesError([{ key: 'a', model: 'ide-cd' }])).toBeUndefined();
    expect(drivesError([{ key: 'a', model: 'ide-hd', sizeMiB: '64' }])).toBeUndefined();
    expect(drivesError([cd, { key: 'a', model: 'ide-hd', sizeMiB: '0.5' }])).toContain('size of a new disk');
    const fiveDisks = ['a', 'b', 'c', 'd'].map((key): DriveForm => ({ key, model: 'ide-hd', sizeMiB: '1' }));
    expect(drivesError([cd, ...fiveDisks])).toContain('more than 4 IDE drives');
    const without = { ...taken(), catalogue: { guests: [guest] } };
    expect(checkNewVm(form({ source: 'drives', drives: [cd] }), without).guest).toContain('npm run guests');
    expect(checkNewVm(form({ guest: 'lapwing' }), without).guest).toContain('npm run guests');
    expect(checkNewVm(form({ guest: 'lapwing' }), taken())).toEqual({});
  });

  it('gives a kernel drives and a screen, too', () => {
    const kernel = { name: 'vmlinuz', bytes: new Uint8Array([1]) };
    const spec = specOf(form({ source: 'files', kernel, drives: [cd], screen: 'VGA' }), 'vm-1', catalogue);
    expect(spec.firmware).toBeUndefined();
    expect(spec.drives).toHaveLength(1);
    expect(spec.devices).toContainEqual({ model: 'VGA' });
    expect(spec.vgaBios).toEqual(firmware.vgaBios);
    expect(specOf(form({ source: 'files', kernel }), 'vm-1', catalogue).vgaBios).toBeUndefined();
  });

  it('calls a kernel by the system that it was recognized as', () => {
    const kernel = { name: 'k.elf', bytes: new Uint8Array([1]) };
    const called = (guestOs?: string) => specOf(form({ source: 'files', kernel, guestOs }), 'vm-1', catalogue).guestOs;
    expect(called('Multiboot kernel')).toBe('Multiboot kernel (k.elf)');
    expect(called('Linux 6.1.0')).toBe('Linux (k.elf)');
  });
});

describe('the host of a new VM', () => {
  const host = (name: string, memoryFreeMiB: number, change: Partial<HostView> = {}) =>
    ({ info: { name, memoryMiB: 512 }, memoryFreeMiB, local: true, ...change }) as HostView;
  const fleet = {
    hostOrder: ['full', 'elsewhere', 'silent', 'roomy'],
    hosts: {
      full: host('host-a', 51),
      elsewhere: host('host-b', 512, { local: false }),
      silent: host('host-c', 512, { silentSince: 1 }),
      roomy: host('host-d', 400),
    },
  };
  const placed = (change: Partial<NewVmForm>) =>
    placeOf(form({ hostId: 'full', isHostChosen: false, ...change }), fleet, catalogue);

  it('is the proposed one while it has room, then one of this tab that has', () => {
    expect(placed({ memoryMiB: '16' })).toBe('full');
    expect(placed({})).toBe('roomy');
    expect(placed({ powerOn: false })).toBe('full');
  });

  it('stays where no host has room, and where the user has chosen it', () => {
    expect(placed({ memoryMiB: '500' })).toBe('full');
    expect(placed({ isHostChosen: true })).toBe('full');
    expect(placed({ memoryMiB: 'much' })).toBe('full');
  });
});
