import { expect, test } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import { receiveVm } from '../../host/incoming-vm.ts';
import { migratable } from '../../host/migratable-vm.ts';
import { decodeHandoverPoint } from '../../subnet/link/guest-port.ts';
import { newCounters } from '../../subnet/switch/counters.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import type { NicSpec, VmSpec } from '../spec/spec.ts';
import { inProcessLauncher } from '../testing/in-process-vcpu.ts';
import type { SavedVm } from '../vm/saved-vm.ts';
import { Vm } from '../vm/vm.ts';

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
  const time = new VirtualTime();
  const events: string[] = [];
  const host = new MachineMemory(16);
  const vm = new Vm(SPEC, {
    host,
    launch: inProcessLauncher(time).launch,
    prepareBoot: async () => ({ segments: [], initialState: INITIAL }),
    timebase: time,
    onEvent: () => {},
    onGuestReset: 'restart',
    network: {
      connect(vm, nic, queue, arriving) {
        events.push(`${arriving ? 'expect' : 'connect'} ${vm.name} ${nic.mac} ${queue.deliver(new Uint8Array(60))}`);
        const note = (what: string) => events.push(`${what} ${nic.mac}`);
        return {
          hold: () => {
            note('hold');
            return { next: new Map([['host-a', vm.nics!.indexOf(nic)]]), counters: newCounters() };
          },
          resume: () => note('resume'),
          handOver: () => note('hand over'),
          accept(value) {
            const { next } = decodeHandoverPoint(value);
            return () => note(`activate after ${next.get('host-a')}`);
          },
          disconnect: () => note('disconnect'),
        };
      },
    },
  });
  const drain = () => events.splice(0);
  return { vm, events, drain, time, memory: host.memory };
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

const [FIRST, SECOND] = NICS.map(({ mac }) => mac);

async function migrating() {
  const { vm, drain, time, memory } = setUp();
  await vm.powerOn();
  drain();
  return { vm, drain, moving: migratable(vm, memory, time) };
}

test('a VM that stays at its source is given what was kept for it', async () => {
  const { vm, drain, moving } = await migrating();
  await moving.pause();
  expect(drain()).toEqual([`hold ${FIRST}`, `hold ${SECOND}`]);
  await moving.resume();
  expect(drain()).toEqual([`resume ${FIRST}`, `resume ${SECOND}`]);
  vm.endMigration();
  await vm.powerOff();
});

test('each card is activated at the target with what the source said of it, and handed over at the source', async () => {
  const { drain, moving } = await migrating();
  const saved = structuredClone(await moving.pause());
  const target = setUp();
  const incoming = await receiveVm(target.vm, () => {});
  target.drain();
  await incoming.prepare(saved);
  expect(target.drain()).toEqual([]);
  await incoming.activate();
  expect(target.drain()).toEqual([`activate after 0 ${FIRST}`, `activate after 1 ${SECOND}`]);
  drain();
  await moving.release();
  expect(drain()).toEqual([`hand over ${FIRST}`, `hand over ${SECOND}`]);
  await target.vm.destroy();
});

test('a handover point that is none is refused before anything runs', async () => {
  const { vm, moving } = await migrating();
  const saved = (await moving.pause()) as SavedVm;
  const target = setUp();
  const incoming = await receiveVm(target.vm, () => {});
  await expect(incoming.prepare({ ...saved, network: [{ next: 7 }, { next: 8 }] })).rejects.toThrow(
    'next is not a map',
  );
  await incoming.discard();
  await moving.resume();
  vm.endMigration();
  await vm.powerOff();
});
