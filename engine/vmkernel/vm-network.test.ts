import { expect, test } from 'vitest';
import { MachineMemory } from './machine-memory.ts';
import type { NicSpec, VmSpec } from './spec.ts';
import { inProcessLauncher } from './testing/in-process-vcpu.ts';
import { Vm } from './vm.ts';

const NICS: NicSpec[] = [
  { model: 'virtio-net', mac: '52:54:00:00:00:01' },
  { model: 'ne2k-pci', mac: '52:54:00:00:00:02' },
];
const SPEC: VmSpec = {
  id: 'vm-1',
  name: 'web',
  guestOs: 'test',
  memoryMiB: 4,
  kernel: { kind: 'url', url: 'kernel' },
  commandLine: '',
  nics: NICS,
};
const INITIAL = { eip: 0x100000, esi: 0, esp: 0, gdtBase: 0, gdtLimit: 0, csSelector: 16, dsSelector: 24 };

function setUp() {
  const events: string[] = [];
  const vm = new Vm(SPEC, {
    host: new MachineMemory(16),
    launch: inProcessLauncher().launch,
    prepareBoot: async () => ({ segments: [], initialState: INITIAL }),
    now: () => performance.now(),
    onEvent: () => {},
    devices: {},
    onGuestReset: 'restart',
    network: {
      connect(vm, nic, queue, arriving) {
        events.push(`${arriving ? 'expect' : 'connect'} ${vm.name} ${nic.mac} ${queue.deliver(new Uint8Array(60))}`);
        return () => events.push(`disconnect ${nic.mac}`);
      },
    },
  });
  return { vm, events };
}

test('cards are connected from power-on to power-off, across the reset button', async () => {
  const { vm, events } = setUp();
  await vm.powerOn();
  await vm.reset();
  expect(events).toEqual(['connect web 52:54:00:00:00:01 true', 'connect web 52:54:00:00:00:02 true']);
  await vm.powerOff();
  expect(events.slice(2)).toEqual(['disconnect 52:54:00:00:00:01', 'disconnect 52:54:00:00:00:02']);
});

test('those of a VM that is on its way here are expected', async () => {
  const { vm, events } = setUp();
  await vm.reserve();
  expect(events).toEqual(['expect web 52:54:00:00:00:01 true', 'expect web 52:54:00:00:00:02 true']);
  await vm.destroy();
});
