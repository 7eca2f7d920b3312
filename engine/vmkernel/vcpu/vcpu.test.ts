import { afterEach, describe, expect, it, vi } from 'vitest';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import * as L from '../../cpu/abi/layout.ts';
import type { ExecutorHost } from '../../cpu/executor/executor-api.ts';
import { StateError } from '../../pc/bus/device.ts';
import type { InitialState } from '../../pc/firmware/boot-image.ts';
import { Machine } from '../../pc/machine/machine.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import { VmMemory } from '../memory/vm-memory.ts';
import { createNicQueue, HostNicQueue } from '../nic/nic-queue.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { type MachineSpec, machineSpec } from '../spec/machine-spec.ts';
import { type ScriptedExecutor, type Step, scriptedExecutors } from '../testing/scripted-executor.ts';
import { virtualTimePorts } from '../testing/virtual-time-ports.ts';
import { CpuStateError } from './cpu-state.ts';
import { Vcpu } from './vcpu.ts';
import type { SavedVcpu, VcpuEvent } from './vcpu-api.ts';

const COM1 = 0x3f8;
const KBC_COMMAND = 0x64;
const PORT_92 = 0x92;
const PIC1 = 0x20;
const PIT = 0x40;
const EMPTY_MODULE = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

const INITIAL: InitialState = {
  eip: 0x100000,
  esi: 0x7000,
  esp: 0x10000,
  gdtBase: 0x6000,
  gdtLimit: 31,
  csSelector: 16,
  dsSelector: 24,
};

interface BuildOptions {
  machine?: Partial<MachineSpec>;
  coarse?: boolean;
  serialPosition?: number;
  nicQueues?: SharedArrayBuffer[];
}

function build(options: BuildOptions = {}) {
  const time = new VirtualTime();
  const host = new MachineMemory(16);
  const vm = new VmMemory(host, { memoryMiB: 4, arenaSize: 65536 });
  const events: VcpuEvent[] = [];
  const { create, made } = scriptedExecutors();
  const vcpu = new Vcpu(
    {
      memory: host.memory,
      cpu: vm.cpu,
      monitorModule: EMPTY_MODULE,
      interpreterModule: EMPTY_MODULE,
      serialPosition: options.serialPosition ?? 0,
      machine: { ...machineSpec({ memoryMiB: 4, devices: [] }), ...options.machine },
      nicQueues: options.nicQueues,
    },
    {
      createExecutor: create,
      ...virtualTimePorts(time),
      ...(options.coarse && { hostNow: () => Math.floor(time.now() / 50) * 50 }),
      onEvent: (event) => events.push(event),
    },
  );
  const executor: ScriptedExecutor = made[0];
  const block = new CpuBlock(host.memory, vm.cpu);
  return { vcpu, executor, block, events, time, guest: vm.guest };
}

/** Runs the steps on a vCPU just booted and returns it, paused. */
async function runSteps(vm: ReturnType<typeof build>, ...steps: Step[]) {
  vm.executor.script.push(...steps);
  vm.vcpu.boot(INITIAL);
  vm.vcpu.resume();
  await scriptRun(vm);
  await vm.time.pass(15);
  vm.vcpu.pause();
  return vm;
}

function scriptRun({ executor, time }: ReturnType<typeof build>): Promise<void> {
  return time.until(() => executor.script.length === 0);
}

describe('a failure of the engine', () => {
  afterEach(() => vi.restoreAllMocks());

  const broken = (): never => {
    throw new TypeError('x is undefined');
  };

  const halting =
    (access: (host: ExecutorHost) => unknown): Step =>
    (host) => {
      access(host!);
      return L.EXIT_HALT;
    };

  it.each<[string, Step, 'portRead' | 'portWrite' | 'mmioRead' | 'mmioWrite' | 'flush' | undefined]>([
    ['while the guest read port 0x60', halting((host) => host.portRead(0x60, 1)), 'portRead'],
    ['while the guest wrote 0x41 to port 0x3f8', halting((host) => host.portWrite(COM1, 1, 0x41)), 'portWrite'],
    ['while the guest read a device at 0xfee00000', halting((host) => host.mmioRead(0xfee00000, 4)), 'mmioRead'],
    ['while the guest wrote 0x1 to a device at 0xfee00000', halting((h) => h.mmioWrite(0xfee00000, 4, 1)), 'mmioWrite'],
    ['while running guest code', broken, undefined],
    ['while handing over its output', halting(() => {}), 'flush'],
  ])('%s stops the vCPU, which says so', async (circumstance, step, method) => {
    if (method) vi.spyOn(Machine.prototype, method).mockImplementation(broken);
    const { vcpu, executor, events, time } = build();
    executor.script.push(step);
    vcpu.boot(INITIAL);
    vcpu.resume();
    const stop = { reason: 'engine-error', circumstance, technical: 'TypeError: x is undefined' };
    await time.until(() => events.length > 0);
    expect(events).toEqual([{ type: 'stopped', stop }]);
    const calls = executor.calls.length;
    await time.pass(1000);
    expect(executor.calls).toHaveLength(calls);
  });

  it('in what the host asked for stops it too, and whoever asked hears of it', () => {
    const { vcpu, events } = build();
    vcpu.boot(INITIAL);
    vi.spyOn(Machine.prototype, 'serialInput').mockImplementation(broken);
    const message = 'the engine failed, while taking in what was typed (TypeError: x is undefined)';
    expect(() => vcpu.serialInput(Uint8Array.of(1))).toThrow(message);
    expect(events).toMatchObject([{ type: 'stopped', stop: { reason: 'engine-error' } }]);
  });

  it('while it is saved or reset is not shown as it is', () => {
    const { vcpu } = build();
    vi.spyOn(Machine.prototype, 'save').mockImplementation(broken);
    vi.spyOn(Machine.prototype, 'reset').mockImplementation(broken);
    expect(() => vcpu.save()).toThrow('the engine failed, while saving its state (TypeError: x is undefined)');
    expect(() => vcpu.boot(INITIAL)).toThrow(
      'the engine failed, while resetting the machine (TypeError: x is undefined)',
    );
  });
});

describe('Vcpu', () => {
  it('moves a frame that the guest’s driver has queued at the next safe point, before the guest goes on', async () => {
    const [table, available, used, data] = [0x20000, 0x21000, 0x22000, 0x30000];
    const nic = { model: 'virtio-net', properties: { index: 0, mac: '52:54:00:00:00:01' } };
    const queue = createNicQueue();
    const vm = build({ machine: { devices: [nic] }, nicQueues: [queue] });
    const usedIndex: number[] = [];
    const look = () => usedIndex.push(vm.guest.read(used + 2, 1)[0]);
    const send: Step = (host) => {
      const out = (port: number, size: number, value: number) => host!.portWrite(port, size, value);
      for (const [register, value] of [
        [0x10, 0xc000],
        [0x04, 5],
      ]) {
        out(0xcf8, 4, 0x80001800 + register);
        out(0xcfc, 4, value);
      }
      out(0xc00e, 2, 1);
      out(0xc008, 4, table / 4096);
      out(0xc012, 1, 7);
      vm.guest.write(table, Uint8Array.of(0, 0, data >> 16, 0, 0, 0, 0, 0, 70));
      vm.guest.write(data + 10, new Uint8Array(60).fill(0x5a));
      vm.guest.write(available, Uint8Array.of(0, 0, 1, 0, 0, 0));
      out(0xc010, 2, 1);
      look();
      expect(vm.block.u32(L.DOORBELL) & L.DOORBELL_STOP).not.toBe(0);
      return L.EXIT_STOP;
    };
    await runSteps(vm, send, () => {
      look();
      return L.EXIT_HALT;
    });
    expect(usedIndex).toEqual([0, 1]);
    const frames: Uint8Array[] = [];
    const host = new HostNicQueue(queue, new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }), 0);
    host.close({ onFrame: (frame) => frames.push(frame), onAddress() {} });
    expect(frames).toEqual([new Uint8Array(60).fill(0x5a)]);
  });

  it('boots into the kernel and runs nothing before it is resumed', async () => {
    const { vcpu, executor, block, time } = build();
    vcpu.boot(INITIAL);
    await time.pass(1000);
    expect(executor.calls).toEqual(['reset', 'stateReplaced']);
    expect(block.u32(L.RIP)).toBe(0x100000);
    // As QEMU's firmware leaves them but for where the hole for devices begins.
    const mtrrs = Array.from({ length: L.MTRR_COUNT }, (_, n) => block.u64(L.MTRR + 8 * n));
    expect(mtrrs.slice(0, 5)).toEqual([0xc06n, 0x0606060606060606n, 0x0606060606060606n, 0n, 0x0505050505050505n]);
    expect(mtrrs.slice(12)).toEqual([0xc0000000n, 0xc0000800n, ...new Array<bigint>(14).fill(0n)]);
    vcpu.resume();
    await time.until(() => executor.calls.includes('run'));
    vcpu.pause();
  });

  it('hands serial output over with its position, all of it before a pause ends', async () => {
    const { vcpu, events } = await runSteps(build({ serialPosition: 100 }), (host) => {
      for (const byte of [104, 105]) host!.portWrite(COM1, 1, byte);
      return L.EXIT_HALT;
    });
    expect(events).toEqual([{ type: 'serial', position: 100, bytes: Uint8Array.of(104, 105) }]);
    expect(vcpu.save().serialPosition).toBe(102);
  });

  it('raises the interrupt line when the timer of the guest is due, and acknowledges with its vector', async () => {
    let vector = 0;
    const vm = build();
    const interrupted: Step = (host) => {
      if (vm.block.u32(L.DOORBELL) & L.DOORBELL_INTR) vector = host!.acknowledgeInterrupt();
      else vm.executor.script.push(interrupted);
      return L.EXIT_HALT;
    };
    await runSteps(
      vm,
      (host) => {
        // 8259A: ICW1..4, vectors from 0x30, only IRQ 0 unmasked. 8254: channel 0, one shot of 1000 ticks.
        for (const [port, value] of [
          [PIC1, 0x11],
          [PIC1 + 1, 0x30],
          [PIC1 + 1, 4],
          [PIC1 + 1, 1],
          [PIC1 + 1, 0xfe],
          [PIT + 3, 0x30],
          [PIT, 1000 & 0xff],
          [PIT, 1000 >> 8],
        ]) {
          host!.portWrite(port, 1, value);
        }
        return L.EXIT_HALT;
      },
      interrupted,
    );
    expect(vector).toBe(0x30);
  });

  it('gives timestamps that grow from reading to reading, on a coarse clock and over a save', async () => {
    const read: number[] = [];
    const reads =
      (vm: ReturnType<typeof build>): Step =>
      (host) => {
        for (let i = 0; i < 1000; i++) {
          read.push(host!.timestamp());
          vm.time.spend(0.1);
        }
        return L.EXIT_HALT;
      };
    const first = build({ coarse: true });
    const { vcpu } = await runSteps(first, reads(first));
    const other = build({ coarse: true });
    other.vcpu.restore(structuredClone(vcpu.save()));
    other.executor.script.push(reads(other));
    other.vcpu.resume();
    await scriptRun(other);
    other.vcpu.pause();
    expect(read).toHaveLength(2000);
    expect(read.every((value, i) => i === 0 || value > read[i - 1])).toBe(true);
  });

  it('holds guest time while it is paused', async () => {
    const { vcpu, time } = await runSteps(build());
    const before = vcpu.save().machine.clock.now;
    await time.pass(20);
    expect(vcpu.save().machine.clock.now).toBe(before);
    expect(before).toBe(15e6);
  });

  it('follows address line A20', async () => {
    const { block, executor } = await runSteps(build(), (host) => {
      host!.portWrite(PORT_92, 1, 0);
      return L.EXIT_HALT;
    });
    expect(block.u32(L.A20_MASK)).toBe(0xffefffff);
    expect(executor.calls).toContain('flushTlb');
  });

  it('stops where the guest asks for a reset', async () => {
    const { events, executor } = await runSteps(build(), (host) => {
      host!.portWrite(KBC_COMMAND, 1, 0xfe);
      return L.EXIT_STOP;
    });
    expect(events).toEqual([{ type: 'stopped', stop: { reason: 'reset', resume: false } }]);
    expect(executor.calls.filter((call) => call === 'run')).toHaveLength(1);
  });

  it('says of a reset whether firmware is to go on where the program wants it', async () => {
    const resetAfter =
      (status: number): Step =>
      (host) => {
        host!.portWrite(0x70, 1, 0x0f);
        host!.portWrite(0x71, 1, status);
        host!.portWrite(KBC_COMMAND, 1, 0xfe);
        return L.EXIT_STOP;
      };
    const resume = async (rom: boolean, status: number) => {
      const { events } = await runSteps(build({ machine: { romKiB: rom ? 64 : 0 } }), resetAfter(status));
      return (events[0] as { stop: { resume: boolean } }).stop.resume;
    };
    expect(await resume(true, 5)).toBe(true);
    expect(await resume(true, 0)).toBe(false);
    expect(await resume(false, 5)).toBe(false);
  });

  it('reports a panic through QEMU’s port, after what was printed before it', async () => {
    let events = 0;
    const vm = await runSteps(build(), (host) => {
      events = host!.portRead(0x505, 1);
      host!.portWrite(COM1, 1, 65);
      host!.portWrite(0x505, 1, 2); // an event that is not offered
      host!.portWrite(0x505, 1, 1);
      return L.EXIT_HALT;
    });
    expect(events).toBe(1);
    expect(vm.events.map(({ type }) => type)).toEqual(['serial', 'panicked']);
  });

  it('carries CPU, devices and serial position to another vCPU', async () => {
    const source = await runSteps(build(), (host) => {
      host!.portWrite(COM1 + 7, 1, 0x5a); // scratch register
      host!.portWrite(COM1, 1, 65);
      return L.EXIT_HALT;
    });
    source.block.setU64(L.RBX, 0x1234n);
    const saved = structuredClone(source.vcpu.save());
    const target = build();
    target.vcpu.restore(saved);
    expect(target.executor.calls).toEqual(['stateReplaced']);
    expect(target.block.u64(L.RBX)).toBe(0x1234n);
    expect(target.vcpu.save().cpu).toEqual(saved.cpu);
    let scratch = 0;
    target.executor.script.push((host) => {
      scratch = host!.portRead(COM1 + 7, 1);
      host!.portWrite(COM1, 1, 66);
      return L.EXIT_HALT;
    });
    target.vcpu.resume();
    await scriptRun(target);
    target.vcpu.pause();
    expect(scratch).toBe(0x5a);
    expect(target.events).toEqual([{ type: 'serial', position: 1, bytes: Uint8Array.of(66) }]);
  });

  it('has its local APIC where IA32_APIC_BASE says, also after a restore', async () => {
    const machine = { devices: ['fw-cfg', 'text-memory', 'local-apic'].map((model) => ({ model })) };
    const version =
      (base: number) =>
      (host: Parameters<Step>[0]): typeof L.EXIT_HALT => {
        read.push(host!.mmioRead(base + 0x30, 4));
        return L.EXIT_HALT;
      };
    const read: number[] = [];
    const source = await runSteps(build({ machine }), (host) => {
      host!.localApicMoved?.(0x42000000);
      return version(0x42000000)(host);
    });
    source.block.setU64(L.MSR_APIC_BASE, 0x42000900n);
    for (const [base, place] of [
      [0x42000900n, 0x42000000],
      [0x42000100n, 0x42000000],
      [0xfee00900n, 0xfee00000],
    ] as const) {
      source.block.setU64(L.MSR_APIC_BASE, base);
      const target = build({ machine });
      target.vcpu.restore(structuredClone(source.vcpu.save()));
      target.executor.script.push(version(place));
      target.vcpu.resume();
      await scriptRun(target);
      target.vcpu.pause();
    }
    expect(read).toEqual([0x50014, 0x50014, 0xffffffff, 0x50014]);
  });

  it('refuses a saved form that it does not know', async () => {
    const { vcpu } = await runSteps(build());
    const saved = vcpu.save();
    const damaged: [SavedVcpu, new (message: string) => Error][] = [
      [{ ...saved, cpu: { ...saved.cpu, version: 1 as 8 } }, CpuStateError],
      [{ ...saved, machine: { ...saved.machine, version: 99 as 4 } }, StateError],
      [{ ...saved, machine: { ...saved.machine, memoryMiB: 8 } }, StateError],
    ];
    for (const [form, error] of damaged) expect(() => build().vcpu.restore(form)).toThrow(error);
  });
});
