// Saved forms of every version that there was (saved-forms/*.json, in the order of their making) go on in this one. When the
// version of a part changes, write one more: RECORD=1 npx vitest run engine/host/saved-forms

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VirtualTime } from '../base/testing/virtual-time.ts';
import { newCounters } from '../subnet/switch/counters.ts';
import type { DriveStore } from '../vmkernel/block/drive-store.ts';
import { MachineMemory } from '../vmkernel/memory/machine-memory.ts';
import { APIC_DEVICES, STANDARD_DEVICES } from '../vmkernel/spec/machine-spec.ts';
import type { VmSpec } from '../vmkernel/spec/spec.ts';
import { inProcessLauncher } from '../vmkernel/testing/in-process-vcpu.ts';
import type { SavedVm } from '../vmkernel/vm/saved-vm.ts';
import { Vm } from '../vmkernel/vm/vm.ts';
import { receiveVm } from './incoming-vm.ts';
import { migratable } from './migratable-vm.ts';
import { fromPortableJson, toPortableJson } from './testing/portable-json.ts';

const FOLDER = new URL('./saved-forms/', import.meta.url);
const FILES = readdirSync(FOLDER).sort();
const EARLY_SPEC: VmSpec = {
  id: 'vm-1',
  name: 'web',
  guestOs: 'test',
  memoryMiB: 4,
  kernel: { kind: 'url', url: 'kernel' },
  commandLine: '',
  nics: [
    { model: 'virtio-net', mac: '52:54:00:00:00:01' },
    { model: 'ne2k-pci', mac: '52:54:00:00:00:02' },
  ],
};
/** Machines have had these since the fifth form. */
const SPEC: VmSpec = {
  ...EARLY_SPEC,
  drives: [
    { model: 'ide-hd', properties: { bus: 0, unit: 0 } },
    { model: 'ide-cd', properties: { bus: 1, unit: 0 } },
    { model: 'floppy', properties: { unit: 0 } },
    { model: 'virtio-blk' },
  ],
  devices: [...STANDARD_DEVICES, { model: 'VGA' }, ...APIC_DEVICES, { model: 'fw-cfg' }],
};
const FIRST_WITH_DRIVES = '005.json';
/** Drives whose media nobody serves. */
const NO_MEDIA: DriveStore = {
  register: async (_, media) => media.map(() => undefined),
  attach: async () => {},
  activate: async () => {},
  hold: async () => SPEC.drives!.map(() => ({ mediumCount: 0 })),
  resume: async () => {},
  accept: async () => {},
  detach: async () => {},
  insert: async () => {
    throw new Error('nothing is put in');
  },
  eject: async () => true,
  leave: async () => {},
  remove: async () => {},
  close: async () => {},
};
const INITIAL = { eip: 0x100000, esi: 0, esp: 0, gdtBase: 0, gdtLimit: 0, csSelector: 16, dsSelector: 24 };

function setUp(spec: VmSpec) {
  const time = new VirtualTime();
  const host = new MachineMemory(48);
  const { launch } = inProcessLauncher(time);
  const vm = new Vm(spec, {
    host,
    drives: NO_MEDIA,
    launch,
    prepareBoot: async () => ({ segments: [], initialState: INITIAL }),
    timebase: time,
    onEvent: () => {},
    onGuestReset: 'restart',
    network: {
      connect: () => ({
        hold: () => ({ next: new Map([['host-a', 7]]), counters: newCounters() }),
        resume() {},
        handOver() {},
        accept: () => () => {},
        disconnect() {},
      }),
    },
  });
  return { vm, memory: host.memory, time };
}

async function save(): Promise<SavedVm> {
  const { vm, memory, time } = setUp(SPEC);
  await vm.powerOn();
  const moving = migratable(vm, memory, time);
  const saved = structuredClone(await moving.pause()) as SavedVm;
  await moving.release();
  return saved;
}

/** The version of every part. */
function versions({ version, vcpu }: SavedVm): Record<string, unknown> {
  const devices = Object.entries(vcpu.machine.devices).map(([name, part]) => [name, versionOf(part)]);
  return {
    vm: version,
    vcpu: vcpu.version,
    cpu: vcpu.cpu.version,
    machine: vcpu.machine.version,
    devices: Object.fromEntries(devices),
  };
}

function versionOf(part: unknown): unknown {
  return (part as { version?: unknown }).version;
}

const read = (name: string) => fromPortableJson(readFileSync(new URL(name, FOLDER), 'utf8')) as SavedVm;

test('there is a form of the versions of now', async () => {
  const saved = await save();
  if (process.env.RECORD && (FILES.length === 0 || versionsDiffer(read(FILES[FILES.length - 1]), saved)))
    writeFileSync(new URL(`${String(FILES.length + 1).padStart(3, '0')}.json`, FOLDER), toPortableJson(saved));
  const newest = readdirSync(FOLDER).sort().pop()!;
  expect(versions(read(newest))).toEqual(versions(saved));
});

function versionsDiffer(a: SavedVm, b: SavedVm): boolean {
  return JSON.stringify(versions(a)) !== JSON.stringify(versions(b));
}

test.each(FILES)('%s goes on', async (name) => {
  const saved = read(name);
  const { vm, memory, time } = setUp(name < FIRST_WITH_DRIVES ? EARLY_SPEC : SPEC);
  const incoming = await receiveVm(vm, () => {});
  await incoming.prepare(saved);
  await incoming.activate();
  const moving = migratable(vm, memory, time);
  const again = structuredClone(await moving.pause()) as SavedVm;
  // What an earlier form has, the present one has too, with the same value; only time and what counts it have gone on.
  expect(again.vcpu.cpu).toMatchObject({ ...saved.vcpu.cpu, version: again.vcpu.cpu.version, counters: {} });
  expect(again.vcpu.cpu.registers).toEqual(saved.vcpu.cpu.registers);
  expect(Object.keys(again.vcpu.machine.devices)).toEqual(
    expect.arrayContaining(Object.keys(saved.vcpu.machine.devices)),
  );
  expect(again.history).toEqual(saved.history);
  expect(again.run).toBe(saved.run);
  await moving.resume();
  vm.endMigration();
  await vm.powerOff();
});
