import { beforeEach, describe, expect, it } from 'vitest';
import { PAGE_SIZE } from '../../base/sizes.ts';
import { VirtualTime } from '../../base/testing/virtual-time.ts';
import * as L from '../../cpu/abi/layout.ts';
import type { ExecutorHost } from '../../cpu/executor/executor-api.ts';
import { receiveVm } from '../../host/incoming-vm.ts';
import { migratable } from '../../host/migratable-vm.ts';
import type { BootImage } from '../../pc/firmware/boot-image.ts';
import { MachineMemory } from '../memory/machine-memory.ts';
import type { VmMemory } from '../memory/vm-memory.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { Doorbell } from '../shared/doorbell.ts';
import type { VmSpec } from '../spec/spec.ts';
import { inProcessLauncher } from '../testing/in-process-vcpu.ts';
import type { Step } from '../testing/scripted-executor.ts';
import type { SavedVm } from './saved-vm.ts';
import { Vm } from './vm.ts';
import type { VmEvent, VmPorts } from './vm-ports.ts';

const KERNEL_AT = 0x100000;
const COM1 = 0x3f8;
const PVPANIC = 0x505;
const ACPI_PM1_CONTROL = 0x604;
const S5 = 0x2000;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const SPEC: VmSpec = {
  id: 'vm-1',
  name: 'web',
  guestOs: 'test',
  memoryMiB: 4,
  kernel: { kind: 'url', url: 'kernel' },
  commandLine: '',
};

const BOOT: BootImage = {
  segments: [{ guestPhysical: KERNEL_AT, bytes: Uint8Array.of(0x90, 0xf4) }],
  initialState: { eip: KERNEL_AT, esi: 0, esp: 0x10000, gdtBase: 0x6000, gdtLimit: 31, csSelector: 16, dsSelector: 24 },
};

function prints(message: string): Step {
  return (host) => {
    for (const byte of new TextEncoder().encode(message)) host!.portWrite(COM1, 1, byte);
    return L.EXIT_HALT;
  };
}

const writes =
  (port: number, size: number, value: number): Step =>
  (host: ExecutorHost | undefined) => {
    host!.portWrite(port, size, value);
    return L.EXIT_STOP;
  };

const DEBUG_EXIT = { model: 'isa-debug-exit', properties: { iobase: 0xf4, iosize: 4 } };

let time: VirtualTime;
/** As they were when each VM was last powered on. */
const memories = new WeakMap<Vm, VmMemory>();

beforeEach(() => {
  time = new VirtualTime();
});

function setUp(options: Partial<VmPorts> = {}, hostMiB = 16, spec: Partial<VmSpec> = {}) {
  const host = new MachineMemory(hostMiB);
  const launcher = inProcessLauncher(time);
  const events: VmEvent[] = [];
  const ports: VmPorts = {
    host,
    launch: launcher.launch,
    prepareBoot: async () => BOOT,
    timebase: time,
    onEvent: (event) => events.push(event),
    onGuestReset: 'restart',
    pageSupply: (_, memory) => {
      memories.set(vm, memory);
      return undefined;
    },
    ...options,
  };
  const vm: Vm = new Vm({ ...SPEC, ...spec }, ports);
  const printed = () => events.map((event) => (event.type === 'serial' ? text(event.bytes) : '')).join('');
  const powers = () => events.flatMap((event) => (event.type === 'power' ? [event.power] : []));
  const did = () => events.flatMap((event) => (event.type === 'guest' ? [event.event.kind] : []));
  return { host, launcher, events, vm, printed, powers, did };
}

describe('Vm', () => {
  it('boots: memory loaded, registers set, vCPU running; and gives everything back at power-off', async () => {
    const { host, launcher, vm, powers } = setUp();
    const free = host.freePages;
    await vm.powerOn();
    const [executor] = launcher.executors;
    expect(executor.calls.slice(0, 2)).toEqual(['reset', 'stateReplaced']);
    expect(new CpuBlock(host.memory, executor.cpu).u32(L.RIP)).toBe(KERNEL_AT);
    expect(vm.activePages).toBe(1);
    const { cpu, code, pages, translations } = vm.counters().overhead;
    const guestPages = (SPEC.memoryMiB * 1024 * 1024) / PAGE_SIZE;
    expect(Math.ceil(cpu / PAGE_SIZE) * PAGE_SIZE + code).toBe((free - host.freePages - guestPages - 3) * PAGE_SIZE);
    expect({ pages, translations }).toEqual({ pages: guestPages * (4 + 1 / 8 + 1), translations: 0 });
    await time.pass(5);
    expect(executor.calls).toContain('run');
    expect(vm.counters().instructions).toBeGreaterThan(0);
    await vm.powerOff();
    expect(powers()).toEqual(['starting', 'running', 'off']);
    expect(host.freePages).toBe(free);
    expect(vm.counters().instructions).toBe(0);
  });

  it('stays off, and takes nothing, when it cannot start', async () => {
    const full = setUp({}, 8);
    await expect(full.vm.powerOn()).rejects.toThrow(/^needs 14 MiB, 7 MiB free$/);
    const broken = setUp({ prepareBoot: () => Promise.reject(new Error('not a bzImage')) });
    await expect(broken.vm.powerOn()).rejects.toThrow('not a bzImage');
    const dead = setUp();
    dead.launcher.failure = 'no worker';
    await expect(dead.vm.powerOn()).rejects.toThrow('no worker');
    for (const { vm, host } of [full, broken, dead]) {
      expect(vm.power).toBe('off');
      expect(host.freePages).toBe(host.usablePages);
    }
  });

  it('numbers what the guest prints on, over a power cycle, and keeps what was printed since power-on', async () => {
    const { launcher, vm, printed, events } = setUp();
    launcher.script = [prints('hello ')];
    await vm.powerOn();
    await time.pass(10);
    await vm.powerOff();
    launcher.script = [prints('again')];
    await vm.powerOn();
    await time.pass(10);
    expect(printed()).toBe('hello again');
    expect(events.filter((event) => event.type === 'serial').map((event) => event.position)).toEqual([0, 6]);
    expect(vm.output.com1.read()).toEqual({ position: 6, bytes: new TextEncoder().encode('again'), end: 11 });
    await vm.powerOff();
  });

  it('goes off when the guest powers off', async () => {
    const { host, launcher, vm, powers, did } = setUp();
    launcher.script = [writes(ACPI_PM1_CONTROL, 2, S5)];
    await vm.powerOn();
    await time.pass(10);
    expect(powers()).toEqual(['starting', 'running', 'off']);
    expect(did()).toEqual(['powered-off']);
    expect(host.freePages).toBe(host.usablePages);
  });

  it('starts anew in clean memory when the guest resets, or goes off where that is wanted', async () => {
    const { launcher, vm, did } = setUp();
    let dirtied = false;
    launcher.script = [
      (host, budget) => {
        const page = instanceMemory(vm).guest;
        page.write(0x300000, Uint8Array.of(1));
        dirtied = true;
        return writes(0x64, 1, 0xfe)(host, budget);
      },
    ];
    await vm.powerOn();
    await time.pass(20);
    expect(dirtied).toBe(true);
    expect(launcher.executors[0].calls.filter((call) => call === 'reset')).toHaveLength(2);
    expect(instanceMemory(vm).guest.isZero(0x300)).toBe(true);
    expect(text(instanceMemory(vm).guest.read(KERNEL_AT, 2))).toBe(text(BOOT.segments[0].bytes));
    expect(vm.power).toBe('running');
    expect(did()).toEqual(['reset']);
    await vm.powerOff();

    const once = setUp({ onGuestReset: 'power-off' });
    once.launcher.script = [writes(0x64, 1, 0xfe)];
    await once.vm.powerOn();
    await time.until(() => once.vm.power === 'off');
  });

  it('shows a triple fault with the registers, keeps the memory, and starts again by reset', async () => {
    const { host, launcher, vm, events } = setUp();
    launcher.script = [
      () => {
        new CpuBlock(host.memory, launcher.executors[0].cpu).setU32(L.CR2, 0xdead);
        return L.EXIT_SHUTDOWN;
      },
    ];
    await vm.powerOn();
    await time.pass(10);
    expect(vm.power).toBe('crashed');
    expect(vm.crash).toMatchObject({ reason: 'triple fault', registers: { cr2: 0xdead, eip: KERNEL_AT } });
    expect(events).toContainEqual({ type: 'guest', event: { kind: 'crashed', detail: 'triple fault' } });
    await vm.reset();
    expect(vm.power).toBe('running');
    expect(vm.crash).toBeUndefined();
    await vm.powerOff();
    expect(host.freePages).toBe(host.usablePages);
  });

  it('that the engine fails in says where, in words before the technical detail, and starts again', async () => {
    const { host, launcher, vm, events } = setUp();
    launcher.script = [
      () => {
        throw new WebAssembly.RuntimeError('memory access out of bounds');
      },
    ];
    await vm.powerOn();
    await time.until(() => vm.power === 'crashed');
    const failed = 'the engine failed at EIP 0x00100000, while running guest code';
    const technical = 'RuntimeError: memory access out of bounds';
    expect(vm.crash).toMatchObject({ reason: `${failed} (${technical})`, registers: { eip: KERNEL_AT } });
    const [title, detail] = [`web has stopped: ${failed}`, `Technical detail: ${technical}`];
    expect(events).toContainEqual({ type: 'problem', title, detail });
    await vm.reset();
    expect(vm.power).toBe('running');
    await vm.powerOff();
    expect(host.freePages).toBe(host.usablePages);
  });

  it('whose vCPU hangs is stopped with that reason', async () => {
    const { host, launcher, vm, events } = setUp();
    await vm.powerOn();
    const block = new CpuBlock(host.memory, launcher.executors[0].cpu);
    const look = (times: number) => {
      for (let n = 0; n < times; n++) {
        time.spend(500);
        vm.sample();
      }
    };
    look(100);
    expect(vm.power).toBe('running');
    block.setCounter(L.N_TURNS, block.counter(L.N_TURNS) | 1);
    look(59);
    expect(vm.power).toBe('running');
    look(10);
    expect(vm.power).toBe('crashed');
    expect(events).toContainEqual(
      expect.objectContaining({
        title: expect.stringMatching(/^web has stopped: the engine failed at EIP 0x\w{8}, where it hangs$/),
      }),
    );
    await vm.powerOff();
  });

  it('stops a guest that resets itself over and over without a word, and not one that prints', async () => {
    const { launcher, vm, events } = setUp();
    launcher.script = Array.from({ length: 3 }, () => writes(0x64, 1, 0xfe));
    await vm.powerOn();
    await time.until(() => vm.power === 'crashed');
    expect(vm.crash?.reason).toMatch(/^it reset itself 3 times within \d+ s without printing anything$/);
    expect(events).toContainEqual({ type: 'guest', event: { kind: 'crashed', detail: vm.crash?.reason } });
    const runs = launcher.executors[0].calls.length;
    await time.pass(10);
    expect(launcher.executors[0].calls.length).toBe(runs);
    await vm.powerOff();

    const chatty = setUp();
    chatty.launcher.script = Array.from(
      { length: 6 },
      (): Step => (host, budget) => {
        host!.portWrite(COM1, 1, 46);
        return writes(0x64, 1, 0xfe)(host, budget);
      },
    );
    await chatty.vm.powerOn();
    await time.until(() => chatty.printed() === '......');
    await time.pass(10);
    expect(chatty.vm.power).toBe('running');
    await chatty.vm.powerOff();
  });

  it('with firmware has the ROMs behind its RAM, which it keeps with the RAM over resets and triple faults', async () => {
    const image = { kind: 'url' as const, url: 'rom' };
    const roms = [{ model: 'pci-testdev', image, sizeKiB: 4 }];
    const firmware = { image, sizeKiB: 64, roms };
    const rom = new Uint8Array(64 * 1024).fill(1);
    let fetched = 0;
    const { host, launcher, vm, did } = setUp(
      {
        prepareBoot: async () => {
          fetched++;
          return { segments: [], rom, optionRoms: [new Uint8Array(4096).fill(2)] };
        },
      },
      16,
      { kernel: undefined, firmware },
    );
    const free = host.freePages;
    await vm.powerOn();
    const { guest, p2m } = memories.get(vm)!;
    const byteAt = (page: number) => new Uint8Array(host.memory.buffer)[p2m.machineAddress(page)!];
    const ramPages = (SPEC.memoryMiB * 1024 * 1024) / PAGE_SIZE;
    expect([byteAt(ramPages), byteAt(ramPages + 15), byteAt(ramPages + 16)]).toEqual([1, 1, 2]);
    guest.write(0x5000, Uint8Array.of(9));
    launcher.executors[0].script.push(writes(0x64, 1, 0xfe), () => L.EXIT_SHUTDOWN);
    await time.until(() => did().length === 2);
    await time.pass(10);
    expect(did()).toEqual(['reset', 'reset']);
    expect([vm.power, fetched, byteAt(5), byteAt(ramPages + 16)]).toEqual(['running', 1, 9, 2]);
    await vm.powerOff();
    expect(host.freePages).toBe(free);
  });

  it('passes the power button on, when it is on', async () => {
    const { host, launcher, vm } = setUp();
    await expect(vm.pressPowerButton()).rejects.toThrow('web is not running here.');
    await vm.powerOn();
    await vm.pressPowerButton();
    let status = 0;
    launcher.executors[0].script.push((guest) => {
      status = guest!.portRead(0x600, 2);
      return L.EXIT_HALT;
    });
    new Doorbell(host.memory, launcher.executors[0].cpu).requestStop();
    await time.until(() => status !== 0);
    expect(status).toBe(0x100);
    await vm.powerOff();
  });

  it('stands still while it is paused, over a reset too, and its time with it', async () => {
    const { launcher, vm, printed, did } = setUp();
    launcher.script = [prints('.')];
    await expect(vm.pause()).rejects.toThrow('web is not running.');
    await vm.powerOn();
    await time.pass(5);
    await vm.pause();
    const [executor] = launcher.executors;
    const before = { uptime: vm.uptime.elapsed, printed: printed(), runs: executor.calls.length };
    executor.script.push(prints('on'));
    await time.pass(60_000);
    expect({ uptime: vm.uptime.elapsed, printed: printed(), runs: executor.calls.length }).toEqual(before);
    expect(() => vm.beginMigration(() => {})).toThrow('web is paused. Resume it first.');
    await vm.reset();
    await time.pass(1000);
    expect([vm.power, printed()]).toEqual(['paused', before.printed]);
    expect(await vm.registers()).toMatchObject({ eip: KERNEL_AT });
    await vm.resume();
    await time.pass(5);
    expect([vm.power, printed().endsWith('on')]).toEqual(['running', true]);
    // It has lost no time that would have to be reported.
    expect(did()).toEqual([]);
    expect(vm.uptime.elapsed).toBeLessThan(1000);
    await vm.powerOff();
    await expect(vm.resume()).rejects.toThrow('web is not paused.');
    await expect(vm.registers()).rejects.toThrow('web is not running here.');
  });

  it('knows that the guest has panicked or halted for good, until it is started anew', async () => {
    const { host, launcher, vm, events, did } = setUp();
    const halts = haltsForGood(() => new CpuBlock(host.memory, launcher.executors[0].cpu));
    launcher.script = [
      (guest, budget) => {
        prints('x\r\n[    1.5] Kernel panic - not syncing: no init\r\n')(guest, budget);
        guest!.portWrite(PVPANIC, 1, 1);
        return halts(guest, budget);
      },
    ];
    await vm.powerOn();
    await time.until(() => vm.guest?.kind === 'panicked');
    await time.pass(10);
    expect(vm.power).toBe('running');
    expect(vm.guest).toEqual({ kind: 'panicked', detail: 'Kernel panic - not syncing: no init' });
    expect(did()).toEqual(['panicked']);

    launcher.executors[0].script.push(halts);
    await vm.reset();
    expect(vm.guest).toBeUndefined();
    await time.until(() => vm.guest !== undefined);
    expect(vm.guest).toEqual({ kind: 'halted', detail: 'it halted with interrupts off' });
    expect(events.at(-1)).toEqual({ type: 'guest', event: vm.guest });
    await vm.powerOff();
    expect(vm.guest).toBeUndefined();
  });

  it('takes a panic without pvpanic for one when the CPU then halts for good, not when programs go on', async () => {
    const panics = prints('Kernel panic - not syncing: no init\r\n');
    const { host, launcher, vm } = setUp();
    launcher.script = [panics, haltsForGood(() => new CpuBlock(host.memory, launcher.executors[0].cpu))];
    await vm.powerOn();
    new Doorbell(host.memory, launcher.executors[0].cpu).requestStop();
    await time.until(() => vm.guest !== undefined);
    expect(vm.guest?.detail).toBe('Kernel panic - not syncing: no init');
    await vm.powerOff();

    const alive = setUp();
    const block = () => new CpuBlock(alive.host.memory, alive.launcher.executors[0].cpu);
    alive.launcher.script = [panics];
    await alive.vm.powerOn();
    await time.until(() => alive.printed().includes('panic'));
    block().setCounter(L.N_USER_ENTRIES, 1);
    alive.launcher.executors[0].script.push(haltsForGood(block));
    new Doorbell(alive.host.memory, alive.launcher.executors[0].cpu).requestStop();
    await time.until(() => alive.vm.guest?.kind === 'halted');
    await alive.vm.powerOff();
  });

  it('notices one that spins for ever after the message', async () => {
    const { launcher, vm, did } = setUp();
    launcher.script = [prints('Kernel panic - not syncing: spins\r\n')];
    await vm.powerOn();
    await time.until(() => vm.output.com1.end > 0);
    vm.sample();
    expect(vm.guest).toBeUndefined();
    time.spend(2500);
    vm.sample();
    expect(vm.guest?.detail).toBe('Kernel panic - not syncing: spins');
    expect(did()).toEqual(['panicked']);
    await vm.powerOff();
  });

  it('gives memory back only when the vCPU has certainly stopped', async () => {
    const { host, launcher, vm, events } = setUp({
      launch: async (request, listener) => {
        const control = await launcher.launch(request, listener);
        return { ...control, terminate: () => stopped };
      },
    });
    let stop = () => {};
    let stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    await vm.powerOn();
    const off = vm.powerOff();
    await time.pass(5);
    expect(host.freePages).toBeLessThan(host.usablePages);
    await expect(vm.powerOn()).rejects.toThrow('already on');
    stop();
    await off;
    expect(vm.power).toBe('off');
    expect(host.freePages).toBe(host.usablePages);

    stopped = Promise.reject(new Error('no answer'));
    await vm.powerOn();
    const held = host.freePages;
    await vm.powerOff();
    expect(vm.power).toBe('off');
    expect(host.freePages).toBe(held);
    expect(events).toContainEqual(expect.objectContaining({ type: 'problem', detail: 'no answer' }));
  });

  it('hands over what the guest writes to isa-debug-exit and debugcon', async () => {
    const { launcher, vm, events } = setUp({}, 16, {
      devices: [DEBUG_EXIT, { model: 'isa-debugcon', properties: { chardev: 'c' } }],
    });
    launcher.script = [
      (host, budget) => {
        host!.portWrite(0xe9, 1, 0x21);
        return writes(0xf4, 1, 3)(host, budget);
      },
    ];
    await vm.powerOn();
    await time.pass(10);
    expect(events).toContainEqual({ type: 'output', channel: 'c', bytes: Uint8Array.of(0x21) });
    expect(text(vm.output.channels.get('c')!.read().bytes)).toBe('!');
    const event = { kind: 'exited', detail: 'it wrote 3 to isa-debug-exit', value: 3 };
    expect(events).toContainEqual({ type: 'guest', event });
    expect(events.at(-1)).toEqual({ type: 'power', power: 'off' });
  });

  it('names a missing instruction once', async () => {
    const { launcher, vm, events } = setUp();
    launcher.script = [
      (host) => {
        host!.notImplemented('AAA', 0x1234);
        host!.notImplemented('AAA', 0x5678);
        return L.EXIT_HALT;
      },
    ];
    await vm.powerOn();
    await time.pass(10);
    const problems = events.filter((event) => event.type === 'problem');
    expect(problems).toHaveLength(1);
    expect(problems[0].title).toContain('AAA');
    await vm.powerOff();
  });
});

describe('Vm in migration', () => {
  async function running() {
    const source = setUp();
    source.launcher.script = [prints('before')];
    await source.vm.powerOn();
    await time.pass(10);
    return { source, target: setUp(), moving: migratable(source.vm, source.host.memory, time) };
  }

  it('moves memory, CPU, devices, time and serial history; the source holds nothing afterwards', async () => {
    const { source, target, moving } = await running();
    const guest = instanceMemory(source.vm).guest;
    guest.write(0x200000, Uint8Array.of(1, 2, 3));
    const incoming = await receiveVm(target.vm, () => {});
    expect(incoming.pages).toBe(moving.pages);

    await time.wait(moving.startDirtyLog());
    guest.write(0x201000, Uint8Array.of(4));
    const dirty = await time.wait(moving.takeDirty());
    expect((dirty[0x201 >> 5] >>> (0x201 & 31)) & 1).toBe(1);
    expect((dirty[0x200 >> 5] >>> (0x200 & 31)) & 1).toBe(0);

    const saved = structuredClone(await moving.pause());
    const page = new Uint8Array(PAGE_SIZE);
    for (let n = 0; n < moving.pages; n++) {
      if (moving.isZero(n)) incoming.writeZero(n);
      else {
        moving.readPage(n, page);
        incoming.writePage(n, page);
      }
    }
    const uptime = (saved as SavedVm).vcpu.machine.clock.now / 1e6;
    await incoming.prepare(saved);
    target.launcher.executors[0].script.push(prints(' after'));
    expect(target.vm.power).toBe('off');
    await incoming.activate();
    await moving.release();
    await time.until(() => target.printed() !== '');

    expect(target.vm.power).toBe('running');
    expect(target.vm.activePages).toBe(3);
    expect(text(target.vm.output.com1.read().bytes)).toBe('before after');
    expect(target.events.filter((event) => event.type === 'serial').map((event) => event.position)).toEqual([6]);
    expect(target.vm.counters().uptimeMs).toBeGreaterThanOrEqual(uptime);
    expect(source.vm.power).toBe('off');
    expect(source.host.freePages).toBe(source.host.usablePages);
    await target.vm.powerOff();
  });

  it('takes along that the guest has halted for good, which is no news at the target', async () => {
    const { source, target, moving } = await running();
    const { launcher, host } = source;
    launcher.executors[0].script.push(haltsForGood(() => new CpuBlock(host.memory, launcher.executors[0].cpu)));
    await source.vm.serialInput(Uint8Array.of(65));
    new Doorbell(host.memory, launcher.executors[0].cpu).requestStop();
    await time.until(() => source.vm.guest?.kind === 'halted');
    const incoming = await receiveVm(target.vm, () => {});
    await incoming.prepare(structuredClone(await moving.pause()));
    await incoming.activate();
    await moving.release();
    await time.pass(10);
    expect(source.did()).toEqual(['halted']);
    expect(target.vm.guest).toEqual({ kind: 'halted', detail: 'it halted with interrupts off' });
    expect(target.did()).toEqual([]);
    await target.vm.powerOff();
  });

  it('goes on at the source after a failed switch-over, and gets the input that came meanwhile', async () => {
    const { source, moving } = await running();
    await moving.pause();
    let taken = false;
    const input = source.vm.serialInput(new TextEncoder().encode('x')).then(() => {
      taken = true;
    });
    const runs = source.launcher.executors[0].calls.length;
    await time.pass(10);
    expect(source.launcher.executors[0].calls.length).toBe(runs);
    expect(taken).toBe(false);
    let received = 0;
    source.launcher.executors[0].script.push((host) => {
      host!.portWrite(COM1 + 4, 1, 2); // RTS
      received = host!.portRead(COM1, 1);
      return L.EXIT_HALT;
    });
    await Promise.all([moving.resume(), input]);
    source.vm.endMigration();
    await time.pass(10);
    expect(source.vm.power).toBe('running');
    expect(text(Uint8Array.of(received))).toBe('x');
    await source.vm.powerOff();
  });

  it('refuses input once it has moved away', async () => {
    const { source, moving } = await running();
    await moving.pause();
    const input = source.vm.serialInput(Uint8Array.of(65));
    await time.pass(10);
    await moving.release();
    await expect(input).rejects.toThrow('web is not running here.');
  });

  it('fails the migration, and goes off afterwards, when the guest powers off meanwhile', async () => {
    const { source, moving } = await running();
    source.launcher.executors[0].script.push(writes(ACPI_PM1_CONTROL, 2, S5));
    await source.vm.serialInput(Uint8Array.of(65));
    await time.wait(moving.startDirtyLog());
    expect(await moving.ended).toBe('web has powered itself off.');
    expect(source.vm.power).toBe('migrating');
    await expect(moving.takeDirty()).rejects.toThrow('powered itself off');
    await expect(moving.pause()).rejects.toThrow('powered itself off');
    const runs = source.launcher.executors[0].calls.length;
    await moving.resume();
    await time.pass(10);
    expect(source.launcher.executors[0].calls.length).toBe(runs);
    source.vm.endMigration();
    await time.pass(5);
    expect(source.vm.power).toBe('off');
  });

  it('gives back an incoming VM that is discarded or that it cannot restore', async () => {
    const { target, moving } = await running();
    const incoming = await receiveVm(target.vm, () => {});
    const saved = (await moving.pause()) as { version: number };
    await expect(incoming.prepare({ ...saved, version: 9 })).rejects.toThrow('version 9');
    await expect(incoming.prepare({ ...saved, vcpu: undefined })).rejects.toThrow('damaged');
    await incoming.discard();
    expect(target.host.freePages).toBe(target.host.usablePages);
    expect(target.powers()).toEqual([]);
  });

  it('refuses to begin another one, and says why', async () => {
    const { source } = await running();
    expect(() => migratable(source.vm, source.host.memory, time)).toThrow('web is migrating already.');
    expect(source.vm.power).toBe('migrating');
    source.vm.endMigration();
    await source.vm.powerOff();
  });

  it('refuses to power off in the middle of it', async () => {
    const { source } = await running();
    await expect(source.vm.powerOff()).rejects.toThrow('Cancel the migration first');
    source.vm.endMigration();
    await source.vm.powerOff();
  });
});

/** CLI; HLT. */
function haltsForGood(block: () => CpuBlock): Step {
  return () => {
    block().setU32(L.RUN_STATE, L.RUN_HALTED);
    block().setU32(L.SYSFLAGS, 2);
    return L.EXIT_HALT;
  };
}

/** The VM's memory, where a test plays the guest. */
function instanceMemory(vm: Vm): VmMemory {
  return memories.get(vm)!;
}
