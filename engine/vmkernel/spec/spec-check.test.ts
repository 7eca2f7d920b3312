import { describe, expect, it } from 'vitest';
import { checkSavedVm, SavedVmError } from '../vm/saved-vm.ts';
import type { VmSpec } from './spec.ts';
import { checkVmSpec, SpecError } from './spec-check.ts';

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

describe('checkVmSpec', () => {
  it('takes a good one as it is, its name tidied', () => {
    expect(checkVmSpec(GOOD)).toEqual(GOOD);
    expect(checkVmSpec({ ...GOOD, name: '  web  1 ' }).name).toBe('web 1');
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
    [{ ...GOOD, nics: {} }, 'network cards'],
    [{ ...GOOD, nics: [{ model: 'e1000', mac: '52:54:00:00:00:01' }] }, 'network card'],
    [{ ...GOOD, nics: [{ model: 'virtio-net', mac: '53:54:00:00:00:01' }] }, 'network card'],
    [{ ...GOOD, nics: [{ model: 'virtio-net', mac: 'none' }] }, 'network card'],
    [{ ...GOOD, nics: Array(9).fill({ model: 'virtio-net', mac: '52:54:00:00:00:01' }) }, 'network cards'],
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
