import { expect, it } from 'vitest';
import { deviceFacts, machineFacts } from './machine-facts.ts';

const SPEC = { id: 'vm', name: 'web', guestOs: 'Linux', memoryMiB: 128, commandLine: 'console=ttyS0' };
const NIC = { model: 'virtio-net', mac: '52:54:00:00:00:01' };

it('says of a kernel that is started directly how, and that there is no screen', () => {
  expect(Object.fromEntries(machineFacts(SPEC))).toMatchObject({
    Starts: 'a kernel directly',
    'Command line': 'console=ttyS0',
  });
  expect(Object.fromEntries(deviceFacts(SPEC))).toMatchObject({
    Screen: 'none: serial console only',
    'Network card': 'none',
  });
});

it('says what firmware tries, by which pointer one points, and of each card where it is connected', () => {
  const firmware = { sizeKiB: 256 };
  expect(Object.fromEntries(machineFacts({ ...SPEC, firmware }))['Boot order']).toBe('disk, floppy, CD');
  const chosen = machineFacts({ ...SPEC, firmware, boot: { order: ['cdrom', 'disk'] } });
  expect(Object.fromEntries(chosen)['Boot order']).toBe('CD, disk');
  const devices = [{ model: 'VGA' }, { model: 'virtio-tablet' }];
  const facts = deviceFacts({ ...SPEC, devices, nics: [NIC, { ...NIC, model: 'ne2k-pci', portGroup: 'lab' }] });
  expect(Object.fromEntries(facts)).toMatchObject({
    Screen: 'standard VGA, 16 MiB',
    Pointer: 'PS/2 mouse, virtio tablet',
    'Network card 1': 'virtio-net, VM Network',
    'Network card 2': 'ne2k-pci, lab',
  });
});
