import { afterEach, expect, it, vi } from 'vitest';
import { TestChannels } from '../../workers/testing/test-channels.ts';
import { startTestHost, TEST_VM, type TestHost } from '../../workers/testing/test-host.ts';
import { eventually } from '../base/testing/eventually.ts';
import { EXIT_HALT } from '../cpu/abi/layout.ts';
import type { Step } from '../vmkernel/testing/scripted-executor.ts';
import type { InputEvent } from './api.ts';
import type { HostService } from './host-service.ts';
import { decodeInput, inputCalls } from './input-calls.ts';

const started: HostService[] = [];
afterEach(async () => {
  await Promise.allSettled(started.splice(0).map((service) => service.shutdown(true)));
});

const key = (code: string, pressed: boolean): InputEvent => ({ kind: 'key', code, pressed });
const pointer = { kind: 'pointer', dx: 0, dy: 0, wheel: 0, horizontalWheel: 0, buttons: 0 } as const;

/** Initializes the 8259s with only the keyboard's line open, and the keyboard controller with interrupts and translation. */
const setUp: Step = (host) => {
  for (const [port, value] of [
    [0x20, 0x11],
    [0x21, 0x30],
    [0x21, 4],
    [0x21, 1],
    [0x21, 0xfd],
    [0x64, 0x60],
    [0x60, 0x41],
  ])
    host!.portWrite(port, 1, value);
  return EXIT_HALT;
};

async function start(...steps: Step[]): Promise<TestHost> {
  const host = await startTestHost(new TestChannels(), 'a');
  started.push(host.service);
  host.platform.script = [setUp, ...steps];
  await host.service.createVm(TEST_VM);
  await host.service.powerOn('vm-1');
  await eventually(() => expect(host.platform.executors[0].script.length).toBe(steps.length));
  return host;
}

/** An interrupt handler that reads one byte. */
const reads =
  (into: number[]): Step =>
  (host) => {
    // First, as a processor does: reading may raise the interrupt for the next byte.
    host!.acknowledgeInterrupt();
    into.push(host!.portRead(0x60, 1));
    host!.portWrite(0x20, 1, 0x20);
    return EXIT_HALT;
  };

it('a key that a console presses interrupts the guest, which reads it', async () => {
  const bytes: number[] = [];
  const { service } = await start(reads(bytes), reads(bytes));
  await service.sendInput('vm-1', [key('KeyA', true), key('KeyA', false)]);
  await eventually(() => expect(bytes).toEqual([0x1e, 0x9e]));
});

it('text is typed, and what a layout lacks is named', async () => {
  const bytes: number[] = [];
  const { service } = await start(...Array.from({ length: 6 }, () => reads(bytes)));
  expect(await service.typeText('vm-1', 'Z1', 'de')).toBe(true);
  await eventually(() => expect(bytes).toEqual([0x2a, 0x15, 0x95, 0xaa, 0x02, 0x82]));
  await expect(service.typeText('vm-1', '→', 'de')).rejects.toThrow('A German keyboard has no key for “→”.');
  await expect(service.typeText('vm-1', 'a', 'xx' as never)).rejects.toThrow('There is no keyboard of that layout.');
  await expect(service.typeText('vm-1', 'a'.repeat(5000), 'us')).rejects.toThrow('At most 4096 characters');
});

it('text that the guest does not read leaves no room for more, until it is stopped', async () => {
  const { service } = await start();
  expect(await service.typeText('vm-1', 'a'.repeat(4000), 'us')).toBe(true);
  expect(await service.typeText('vm-1', 'b'.repeat(200), 'us')).toBe(false);
  const typing = async () => (await service.status()).vms[0].input?.typing;
  await eventually(async () => expect(await typing()).toBeGreaterThan(3000));
  await service.stopTyping('vm-1');
  await eventually(async () => expect(await typing()).toBeLessThan(2));
});

it('the status shows LEDs and pointing device while the VM is on', async () => {
  const { service, platform } = await start();
  const { input } = (await service.status()).vms[0];
  expect(input).toMatchObject({ leds: { capsLock: false }, mouseActive: false, absolutePointer: false });
  platform.executors[0].script.push((host) => {
    for (const [port, value] of [
      [0x60, 0xed],
      [0x60, 4],
      [0x64, 0xd4],
      [0x60, 0xf4],
    ])
      host!.portWrite(port, 1, value);
    return EXIT_HALT;
  });
  await service.sendInput('vm-1', [key('KeyA', true)]);
  await eventually(async () =>
    expect((await service.status()).vms[0].input).toMatchObject({ leds: { capsLock: true }, mouseActive: true }),
  );
  await service.powerOff('vm-1');
  expect((await service.status()).vms[0].input).toBeUndefined();
  await expect(service.sendInput('vm-1', [])).rejects.toThrow('is not running');
});

it('a console hears the speaker: it is notified once, and reads what there was', async () => {
  const { service, platform } = await start();
  const port = { postMessage: vi.fn() };
  service.events.add(port);
  const { own } = inputCalls(service, port);
  expect(await own.readSpeaker('vm-1', 0)).toEqual({ position: 0, changes: [], end: 0 });
  platform.executors[0].script.push((host) => {
    for (const [at, value] of [
      [0x43, 0xb6],
      [0x42, 0xe8],
      [0x42, 3],
      [0x61, 3],
    ])
      host!.portWrite(at, 1, value);
    return EXIT_HALT;
  });
  await service.sendInput('vm-1', [key('KeyA', true)]);
  await eventually(() => expect(port.postMessage).toHaveBeenCalledWith({ event: { type: 'speaker', vmId: 'vm-1' } }));
  const { changes, end } = await own.readSpeaker('vm-1', 0);
  expect(changes.map(({ hz }) => Math.round(hz))).toEqual([1193]);
  expect(await own.readSpeaker('vm-1', end)).toEqual({ position: 1, changes: [], end: 1 });
});

it('what a console held is released when it is gone', async () => {
  const bytes: number[] = [];
  const { service } = await start(reads(bytes), reads(bytes));
  const { own, gone } = inputCalls(service, { postMessage: () => {} });
  await own.sendInput('vm-1', [key('ShiftLeft', true)]);
  gone();
  await eventually(() => expect(bytes).toEqual([0x2a, 0xaa]));
});

it.each([
  ['no list', {}],
  ['too many', Array.from({ length: 257 }, () => ({ kind: 'release-all' }))],
  ['another kind', [{ kind: 'touch' }]],
  ['no code', [{ kind: 'key', pressed: true }]],
  ['motion without end', [{ ...pointer, dx: Number.POSITIVE_INFINITY }]],
  ['no number', [{ ...pointer, wheel: Number.NaN }]],
  ['a position outside', [{ ...pointer, position: { x: 0, y: 1.5 } }]],
  ['half a button', [{ ...pointer, buttons: 0.5 }]],
])('input that is %s is refused', (_, value) => {
  expect(() => decodeInput(value)).toThrow();
});

it('of input only what is known is kept', () => {
  const given = [{ ...pointer, dx: 1.5, buttons: 255, more: 1, position: { x: 1, y: 0, z: 3 } }];
  expect(decodeInput(given)).toEqual([{ ...pointer, dx: 1.5, buttons: 31, position: { x: 1, y: 0 } }]);
});
