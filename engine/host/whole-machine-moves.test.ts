// A VM that is more than the default one moves from its specification and its pages alone: ROM, a second serial port and a
// debug device. The CPU is real; the program runs from the ROM.

import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { ensureEngine } from '../../scripts/build-engine.ts';
import { loadEngine } from '../../workers/launch-vcpu.ts';
import { nodePlatform } from '../../workers/platform-node.ts';
import { TestChannels } from '../../workers/testing/test-channels.ts';
import { startTestHost, TEST_VM } from '../../workers/testing/test-host.ts';
import type { DeviceSpec } from '../pc/bus/device-model.ts';
import type { LaunchVcpu } from '../vmkernel/vm/vcpu-control.ts';
import type { VmSpec } from './api.ts';
import type { HostService } from './host-service.ts';

const ROM_KIB = 64;
const RESET_VECTOR = 0xfff0;
const MARK = 0x4000;

/** Prints again and again: a byte of the ROM, what the debug console reads as, and what COM2's scratch register was set to at the start. */
function rom(): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(ROM_KIB * 1024).fill(0xf4);
  image.set([
    ...[0xb0, 0x73, 0xba, 0xff, 0x02, 0xee], //                   mov al, 's'; mov dx, 2FFh (scratch register); out dx, al
    ...[0x2e, 0xa0, MARK & 0xff, MARK >> 8, 0xba, 0xf8, 0x03, 0xee], // again: mov al, cs:[MARK]; mov dx, 3F8h; out dx, al
    ...[0xe4, 0xe9, 0xee], //                                     in al, E9h; out dx, al
    ...[0xba, 0xff, 0x02, 0xec, 0xba, 0xf8, 0x03, 0xee], //       mov dx, 2FFh; in al, dx; mov dx, 3F8h; out dx, al
    ...[0xb9, 0x00, 0x00, 0xe2, 0xfe, 0xeb, 0xe6], //             mov cx, 0; wait: loop wait; jmp again
  ]);
  image[MARK] = 'A'.charCodeAt(0);
  image.set([0xea, 0x00, 0x00, 0x00, 0xf0], RESET_VECTOR); // jmp F000:0
  return image;
}

const { kernel: _, ...rest } = TEST_VM;
const whole = (devices: readonly DeviceSpec[]): VmSpec => ({
  ...rest,
  firmware: { image: { kind: 'url', url: 'bios' }, sizeKiB: ROM_KIB },
  cpu: { model: 'pentium3' },
  devices,
});
const COM2 = { model: 'isa-serial', properties: { index: 1, chardev: 'log' } };
const DEBUGCON = { model: 'isa-debugcon', properties: { readback: 'd'.charCodeAt(0), chardev: 'log' } };

const started: HostService[] = [];
let engine: Promise<LaunchVcpu>;
beforeAll(async () => {
  await ensureEngine();
  engine = loadEngine(nodePlatform);
  await engine;
});
afterEach(async () => {
  await Promise.allSettled(started.splice(0).map((service) => service.shutdown(true)));
});

/** Only `a` has the firmware's image. */
async function startHosts(image = rom()): Promise<[HostService, HostService]> {
  const channels = new TestChannels();
  for (const id of ['a', 'b']) {
    const { service } = await startTestHost(channels, id, 64, {
      loadEngine: () => engine,
      fetchImage: async () => {
        if (id === 'b') throw new Error('The firmware is missing.');
        return image;
      },
    });
    started.push(service);
  }
  return [started[0], started[1]];
}

async function printed(service: HostService, from: number): Promise<{ text: string; end: number }> {
  const { position, bytes } = await service.readSerial('vm-1', from, 1000);
  return { text: new TextDecoder().decode(bytes), end: position + bytes.length };
}

it('runs on at the target, which cannot fetch the image', async () => {
  const [a, b] = await startHosts();
  await a.createVm(whole([COM2, DEBUGCON]));
  await a.powerOn('vm-1');
  await vi.waitFor(async () => expect((await printed(a, 0)).text).toContain('AdsAds'), 20_000);
  const statistics = await a.migrate('vm-1', 'b');
  expect(statistics.totalPages).toBe((TEST_VM.memoryMiB * 1024 + ROM_KIB) / 4);
  const { end } = await printed(b, 0);
  await vi.waitFor(async () => expect((await printed(b, end)).text).toContain('AdsAds'), 20_000);
});

it('is refused, by name, by a host that has no such device', async () => {
  const [a] = await startHosts();
  const devices: DeviceSpec[] = [COM2, DEBUGCON];
  await a.createVm(whole(devices));
  await a.powerOn('vm-1');
  // As if this host knew more than the other.
  devices.push({ model: 'quantum' });
  await expect(a.migrate('vm-1', 'b')).rejects.toThrow('there is no device "quantum"');
  expect((await a.status()).vms[0].power).toBe('running');
});

it('does not start with an image of another size than its specification says', async () => {
  const [a] = await startHosts(new Uint8Array(128 * 1024));
  await a.createVm(whole([]));
  await expect(a.powerOn('vm-1')).rejects.toThrow(
    'web cannot start: The firmware image has 128 KiB; the VM was set up for 64 KiB.',
  );
});
