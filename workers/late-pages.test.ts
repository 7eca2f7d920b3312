// A running VM whose pages its host takes away at random and brings back late, elsewhere: the guest notices nothing, and moves to another
// host as it is. The CPU is real and in a thread of its own; the guest fills 512 KiB with a new pattern again and again and compares.

import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { HostService } from '../engine/host/host-service.ts';
import { RandomSupply } from '../engine/vmkernel/testing/random-supply.ts';
import type { LaunchVcpu } from '../engine/vmkernel/vm/vcpu-control.ts';
import { ensureEngine } from '../scripts/build-engine.ts';
import { loadEngine } from './launch-vcpu.ts';
import { nodePlatform } from './platform-node.ts';
import { TestChannels } from './testing/test-channels.ts';
import { startTestHost, TEST_VM } from './testing/test-host.ts';
import { tinyKernel } from './testing/tiny-kernel.ts';

const AREA = [0x00, 0x00, 0x20, 0x00]; // 200000h
const WORDS = [0x00, 0x00, 0x02, 0x00];

/** Prints a dot for each pattern that was found as it was written, X and then nothing more for one that was not. */
const PATTERNS = tinyKernel([
  ...[0x31, 0xdb], //                            xor ebx, ebx
  ...[0xbf, ...AREA, 0xb9, ...WORDS], //   pass: mov edi, AREA; mov ecx, WORDS
  ...[0x8d, 0x04, 0x1f, 0xab, 0xe2, 0xfa], // fill: lea eax, [edi + ebx]; stosd; loop fill
  ...[0xbe, ...AREA, 0xb9, ...WORDS], //         mov esi, AREA; mov ecx, WORDS
  ...[0x8d, 0x04, 0x1e, 0x39, 0x06], //   check: lea eax, [esi + ebx]; cmp [esi], eax
  ...[0x75, 0x14, 0x83, 0xc6, 0x04, 0xe2, 0xf4], // jne bad; add esi, 4; loop check
  ...[0x81, 0xc3, 0x77, 0x01, 0x00, 0x00], //    add ebx, 177h
  ...[0xb0, 0x2e, 0x66, 0xba, 0xf8, 0x03, 0xee], // mov al, '.'; mov dx, 3F8h; out dx, al
  ...[0xeb, 0xcb], //                            jmp pass
  ...[0xb0, 0x58, 0x66, 0xba, 0xf8, 0x03, 0xee], // bad: mov al, 'X'; mov dx, 3F8h; out dx, al
  ...[0xfa, 0xf4], //                            cli; hlt
]);

const started: HostService[] = [];
const supplies: RandomSupply[] = [];
let engine: Promise<LaunchVcpu>;
beforeAll(async () => {
  await ensureEngine();
  engine = loadEngine(nodePlatform);
  await engine;
});
afterEach(async () => {
  await Promise.allSettled(started.splice(0).map((service) => service.shutdown(true)));
  supplies.length = 0;
});

async function startHosts(ids: readonly string[]): Promise<HostService[]> {
  const channels = new TestChannels();
  for (const id of ids) {
    const { service } = await startTestHost(channels, id, 64, {
      loadEngine: () => engine,
      pageSupply: (host, vm) => {
        const supply = new RandomSupply(host, vm);
        supplies.push(supply);
        return supply;
      },
    });
    started.push(service);
  }
  return started;
}

async function printed(service: HostService, from = 0): Promise<string> {
  const { bytes } = await service.readSerial('vm-1', from, 60_000);
  return new TextDecoder().decode(bytes);
}

const spec = { ...TEST_VM, kernel: { kind: 'bytes', name: 'patterns', bytes: PATTERNS } } as const;

it('a guest does not notice that its pages go and come', async () => {
  const [a] = await startHosts(['a']);
  await a!.createVm(spec);
  await a!.powerOn('vm-1');
  await vi.waitFor(async () => expect((await printed(a!)).length).toBeGreaterThan(3), 60_000);
  expect(await printed(a!)).toMatch(/^\.+$/);
  const [supply] = supplies;
  expect(supply!.taken).toBeGreaterThan(100);
  expect(supply!.brought).toBeGreaterThan(100);
  await a!.powerOff('vm-1');
  expect((await a!.status()).memoryUsedMiB).toBe(0);
});

it('it moves to another host with pages away', async () => {
  const [a, b] = await startHosts(['a', 'b']);
  await a!.createVm(spec);
  await a!.powerOn('vm-1');
  await vi.waitFor(async () => expect((await printed(a!)).length).toBeGreaterThan(0), 60_000);
  await a!.migrate('vm-1', 'b');
  const { length } = await printed(b!);
  await vi.waitFor(async () => expect((await printed(b!)).length).toBeGreaterThan(length + 2), 60_000);
  expect(await printed(b!)).toMatch(/^\.+$/);
});
