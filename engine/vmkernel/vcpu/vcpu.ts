// One vCPU with the machine around it, in the worker that owns both: executor, devices, guest clock and the run loop that
// drives them. Knows no worker and no port; what it has to say goes to one listener.
//
// States: stopped (after construction, pause, or an event 'stopped') and running. save, restore and boot need it stopped.

import { type EngineFailure, failedIn, forUsers } from '../../base/engine-failure.ts';
import type { MemoryWindow } from '../../base/memory-window.ts';
import { PAGE_SIZE } from '../../base/sizes.ts';
import * as L from '../../cpu/abi/layout.ts';
import { storeMemoryMap } from '../../cpu/abi/memory-windows.ts';
import type { CreateExecutor, Executor } from '../../cpu/executor/executor-api.ts';
import type { RegionCode, RegionReport } from '../../cpu/regions/region-report.ts';
import type { DisplayState } from '../../pc/bus/display.ts';
import type { InputEvent, TypedKey } from '../../pc/bus/input.ts';
import { changedRanges } from '../../pc/bus/memory-map.ts';
import type { InitialState } from '../../pc/firmware/boot-image.ts';
import { Machine } from '../../pc/machine/machine.ts';
import { VcpuDrives } from '../block/drive-port.ts';
import { deviceMemory } from '../memory/device-memory.ts';
import { GuestDma } from '../memory/guest-dma.ts';
import { planarState } from '../memory/planar-state.ts';
import { WantedPages } from '../memory/wanted-pages.ts';
import { VcpuNetwork } from '../nic/vcpu-network.ts';
import { CpuBlock } from '../shared/cpu-block.ts';
import { Doorbell } from '../shared/doorbell.ts';
import type { WaitForChange } from '../shared/shared-wait.ts';
import { ShootdownResponder } from '../shared/shootdown.ts';
import type { YieldTask } from '../shared/yield-task.ts';
import { cpuidChanges } from '../spec/cpu-models.ts';
import { hasLocalApic, memoryNeeds } from '../spec/machine-spec.ts';
import type { Registers } from '../spec/spec.ts';
import { enterKernel } from './boot-state.ts';
import { restoreCpuState, saveCpuState } from './cpu-state.ts';
import { readRegisters } from './crash.ts';
import { generalRegisters } from './general-registers.ts';
import { GuestOutput } from './guest-output.ts';
import { RunLoop } from './run-loop.ts';
import type { SavedVcpu, VcpuEvent, VcpuSetup, VcpuStop } from './vcpu-api.ts';
import { x87Pins } from './x87-pins.ts';

/** In IA32_APIC_BASE. */
const APIC_ENABLED = 0x800;

export interface VcpuPorts {
  createExecutor: CreateExecutor;
  /** Monotonic ms, with fractions. */
  hostNow(): number;
  /** ms since 1970, UTC. */
  wallClock(): number;
  yieldTask: YieldTask;
  waitForChange: WaitForChange;
  onEvent(event: VcpuEvent): void;
}

export class Vcpu {
  readonly #setup: VcpuSetup;
  readonly #ports: VcpuPorts;
  readonly #executor: Executor;
  readonly #machine: Machine;
  readonly #loop: RunLoop;
  readonly #network: VcpuNetwork;
  readonly #drives: VcpuDrives;
  readonly #output: GuestOutput;
  readonly #wanted: WantedPages;
  #timestamp = 0;

  constructor(setup: VcpuSetup, ports: VcpuPorts) {
    this.#setup = setup;
    this.#ports = ports;
    const { memory, cpu } = setup;
    const doorbell = new Doorbell(memory, cpu);
    this.#output = new GuestOutput(setup.serialPosition, (event) => ports.onEvent(event));
    this.#wanted = new WantedPages(memory, cpu, (page, write) => ports.onEvent({ type: 'page-wanted', page, write }));
    this.#network = new VcpuNetwork(setup.nicQueues ?? []);
    this.#drives = new VcpuDrives(setup.diskQueues ?? []);
    this.#machine = this.#buildMachine(doorbell);
    this.#network.connect(this.#machine.nics);
    this.#drives.connect(this.#machine.drives);
    this.#describeCpu(new CpuBlock(memory, cpu));
    this.#executor = ports.createExecutor({
      memory,
      cpu,
      monitorModule: setup.monitorModule,
      interpreterModule: setup.interpreterModule,
      now: ports.hostNow,
      translator: setup.translator,
      host: {
        portRead: (port, size) => {
          try {
            const value = this.#machine.portRead(port, size);
            this.#loop.timersChanged();
            return value;
          } catch (error) {
            throw failedIn(`while the guest read port ${hex(port)}`, error);
          }
        },
        portWrite: (port, size, value) => {
          try {
            this.#machine.portWrite(port, size, value);
            this.#loop.timersChanged();
          } catch (error) {
            throw failedIn(`while the guest wrote ${hex(value)} to port ${hex(port)}`, error);
          }
        },
        mmioRead: (physical, size) => {
          try {
            return this.#machine.mmioRead(physical, size);
          } catch (error) {
            throw failedIn(`while the guest read a device at ${hex(physical)}`, error);
          }
        },
        mmioWrite: (physical, size, value) => {
          try {
            this.#machine.mmioWrite(physical, size, value);
            this.#loop.timersChanged();
          } catch (error) {
            throw failedIn(`while the guest wrote ${hex(value)} to a device at ${hex(physical)}`, error);
          }
        },
        localApicMoved: (base) => this.#machine.placeLocalApic(base),
        timestamp: () => this.#nextTimestamp(),
        pageFault: (page, write) => this.#wanted.need(page, write),
        acknowledgeInterrupt: () => this.#machine.acknowledge(),
        notImplemented: (mnemonic, linear) => ports.onEvent({ type: 'not-implemented', mnemonic, linear }),
      },
    });
    this.#loop = new RunLoop({
      executor: this.#executor,
      clock: this.#machine.clock,
      transfers: this.#machine.transfers,
      doorbell,
      wanted: this.#wanted,
      shootdown: new ShootdownResponder(memory, cpu),
      hostNow: ports.hostNow,
      yieldTask: ports.yieldTask,
      waitForChange: ports.waitForChange,
      poll: () => {
        this.#network.poll();
        this.#drives.poll();
      },
      endOfTurn: () => this.#flush(),
      onFpuError: () => this.#machine.x87Error(),
      onHaltedForGood: () => this.#tell({ type: 'halted' }),
      onShutdown: () =>
        this.#stopped({
          ...{ reason: 'crash', detail: 'triple fault', registers: readRegisters(memory, cpu) },
          resume: this.#resumesAfterReset,
        }),
      onFailure: (failure) => this.#failed(failure),
    });
  }

  /** Resets the machine and enters a kernel that lies in guest memory already, if any. Leaves it stopped. */
  boot(initial?: InitialState, font?: Uint8Array): void {
    try {
      this.#executor.reset();
      this.#machine.clock.forgetPause();
      this.#machine.reset();
      this.#placeLocalApic();
      if (initial) {
        enterKernel(this.#setup.memory, this.#setup.cpu, initial);
        this.#machine.display?.clearText(font);
      }
      this.#executor.stateReplaced();
    } catch (error) {
      throw failedIn('while resetting the machine', error);
    }
  }

  /**
   * Returns the guest time, in ns since power-on, at which it goes on. `stoodStill`: as if there had been no pause, however short it was;
   * otherwise the clock decides (pc/bus/clock.ts).
   */
  resume(stoodStill = false): number {
    if (stoodStill) this.#machine.clock.forgetPause();
    this.#machine.resume();
    this.#loop.start();
    return this.#machine.clock.settled;
  }

  /** When it returns nothing of the VM runs, guest time stands still, and all output has been handed over. */
  pause(): void {
    this.#loop.stop();
    this.#machine.clock.pause();
    this.#flush();
  }

  save(): SavedVcpu {
    try {
      return this.#saved();
    } catch (error) {
      throw failedIn('while saving its state', error);
    }
  }

  #saved(): SavedVcpu {
    const machine = this.#machine.save();
    this.#flush();
    return {
      version: 1,
      cpu: saveCpuState(this.#setup.memory, this.#setup.cpu),
      machine,
      serialPosition: this.#output.serialPosition,
      timestamp: this.#timestamp,
      frames: this.#network.save(),
    };
  }

  /** On a vCPU just constructed. Throws StateError or CpuStateError; it is of no further use then. */
  restore(saved: SavedVcpu): void {
    try {
      this.#takeOver(saved);
    } catch (error) {
      throw forUsers('while taking over its state', error);
    }
  }

  #takeOver(saved: SavedVcpu): void {
    this.#drives.lookAtMedia();
    this.#machine.restore(saved.machine);
    restoreCpuState(this.#setup.memory, this.#setup.cpu, saved.cpu);
    this.#placeLocalApic();
    this.#executor.stateReplaced();
    this.#output.serialPosition = saved.serialPosition;
    this.#timestamp = saved.timestamp;
    this.#network.restore(saved.frames);
  }

  /** Where IA32_APIC_BASE says, which has been replaced. */
  #placeLocalApic(): void {
    const base = new CpuBlock(this.#setup.memory, this.#setup.cpu).u32(L.MSR_APIC_BASE);
    this.#machine.placeLocalApic((base & APIC_ENABLED) !== 0 ? (base & ~0xfff) >>> 0 : undefined);
  }

  /** `port`: 0 is COM1. Returns how many bytes there was room for. `discard`: what still waits is forgotten first. */
  serialInput(bytes: Uint8Array, port = 0, discard = false): number {
    try {
      if (discard) this.#machine.discardSerialInput(port);
      return this.#machine.serialInput(bytes, port);
    } catch (error) {
      const failure = failedIn('while taking in what was typed', error);
      this.#failed(failure);
      throw failure;
    }
  }

  /** At an instruction's boundary: it is between two turns of the run loop that anything else is done here. */
  registers(): Registers {
    return readRegisters(this.#setup.memory, this.#setup.cpu);
  }

  pressPowerButton(): void {
    try {
      this.#machine.pressPowerButton();
      this.#loop.timersChanged();
    } catch (error) {
      const failure = failedIn('while its power button was pressed', error);
      this.#failed(failure);
      throw failure;
    }
  }

  /** Of its screen, if it has one. It is said once when there is another one. */
  displayState(): DisplayState | undefined {
    return this.#output.displayState(this.#machine.display);
  }

  /** What the user does with keyboard and mouse. */
  input(events: readonly InputEvent[]): void {
    this.#forInput((machine) => {
      for (const event of events) machine.input.send(event);
    });
  }

  /** Has characters typed on the keyboard. False: there is no room for all of them now, and none is taken. */
  type(characters: readonly (readonly TypedKey[])[]): boolean {
    return this.#forInput((machine) => machine.input.type(characters));
  }

  stopTyping(): void {
    this.#forInput((machine) => machine.input.stopTyping());
  }

  #forInput<Result>(act: (machine: Machine) => Result): Result {
    try {
      return act(this.#machine);
    } catch (error) {
      const failure = failedIn('while taking in what was done with keyboard and mouse', error);
      this.#failed(failure);
      throw failure;
    }
  }

  /** What ran most in translated code. */
  regions(limit: number): RegionReport {
    return this.#executor.regions(limit);
  }

  /** Undefined when the region is no more. */
  regionCode(id: number): RegionCode | undefined {
    return this.#executor.regionCode(id);
  }

  #buildMachine(doorbell: Doorbell): Machine {
    const setup = this.#setup;
    const ports = this.#ports;
    const block = new CpuBlock(setup.memory, setup.cpu);
    const memory = new GuestDma(setup.memory, setup.cpu, {
      codeWritten: (physical, size) => this.#executor.invalidateCode(physical, size),
      need: (page, write) => this.#wanted.need(page, write),
    });
    const stopWith = (stop: VcpuStop) => this.#loop.stopSoon(() => this.#stopped(stop));
    return new Machine({
      memoryMiB: setup.machine.memoryMiB,
      romKiB: setup.machine.romKiB,
      optionRoms: setup.machine.optionRoms,
      identity: setup.machine.identity,
      boot: setup.machine.boot,
      deviceMemory: deviceMemory(setup.memory, setup.cpu, memoryNeeds(setup.machine)),
      planarMemory: planarState(setup.memory, setup.cpu),
      hostNow: ports.hostNow,
      wallClock: ports.wallClock,
      devices: setup.machine.devices,
      memory,
      transferRequested: () => this.#loop.transferRequested(),
      cables: this.#network.cables,
      drives: this.#drives.ports,
      output: (channel) => this.#output.channel(channel),
      channelOpened: (channel, open) => this.#tell({ type: 'channel-opened', channel, open }),
      serialRoom: () => ports.onEvent({ type: 'serial-room' }),
      registers: generalRegisters(block),
      x87: x87Pins(block),
      inputChanged: (state) => ports.onEvent({ type: 'input', state }),
      speakerChanged: (change) => this.#output.speakerChanged(change),
      interruptLine: (level) => doorbell.setInterrupt(level),
      raiseNmi: () => doorbell.raiseNmi(),
      a20Line: (enabled) => {
        const mask = enabled ? 0xffffffff : 0xffefffff;
        if (block.u32(L.A20_MASK) === mask) return;
        block.setU32(L.A20_MASK, mask);
        this.#executor.flushTlb();
      },
      mapMemory: (windows) => this.#mapMemory(block, memory, windows),
      resetRequested: () => stopWith({ reason: 'reset', resume: this.#resumesAfterReset }),
      powerOff: () => stopWith({ reason: 'power-off' }),
      stoodStill: (ms) => ports.onEvent({ type: 'stood-still', ms }),
      panicked: () => this.#tell({ type: 'panicked' }),
      exit: (value) => stopWith({ reason: 'debug-exit', value }),
    });
  }

  /** Only firmware reads the shutdown status with which a program asks to resume. */
  get #resumesAfterReset(): boolean {
    return this.#setup.machine.romKiB > 0 && this.#machine.shutdownStatus !== 0;
  }

  #mapMemory(block: CpuBlock, memory: GuestDma, windows: readonly MemoryWindow[]): void {
    // While the machine is built there is no CPU yet.
    const executor = this.#executor as Executor | undefined;
    const changed = changedRanges(memory.windows, windows);
    for (const [first, pages] of changed) executor?.invalidateCode(first * PAGE_SIZE, pages * PAGE_SIZE);
    storeMemoryMap((offset, value) => block.setU32(offset, value), windows);
    memory.windows = windows;
    executor?.flushTlb();
  }

  #describeCpu(block: CpuBlock): void {
    const { machine } = this.#setup;
    const cpuid = cpuidChanges(machine.cpu);
    block.setU32(L.HAS_LOCAL_APIC, hasLocalApic(machine) ? 1 : 0);
    block.setU32(L.CPUID_SIGNATURE, cpuid.signature);
    block.setU32(L.CPUID_HIDDEN_EDX, cpuid.hiddenEdx);
    block.setU32(L.CPUID_HIDDEN_ECX, cpuid.hiddenEcx);
    block.setU32(L.CPUID_HIDDEN_EXTENDED_EDX, cpuid.hiddenExtendedEdx);
    block.setU32(L.CPUID_HIDDEN_LEAF7_ECX, cpuid.hiddenLeaf7Ecx);
    block.setU32(L.CPUID_HIDDEN_LEAF7_EBX, cpuid.hiddenLeaf7Ebx);
  }

  #failed({ circumstance, technical }: EngineFailure): void {
    const stop: VcpuStop = { reason: 'engine-error', circumstance, technical };
    try {
      this.#loop.stop();
      this.#stopped(stop);
    } catch {
      // What has gathered cannot be handed over: that the VM has stopped is said all the same.
      this.#ports.onEvent({ type: 'stopped', stop });
    }
  }

  #stopped(stop: VcpuStop): void {
    this.#machine.clock.pause();
    this.#tell({ type: 'stopped', stop });
  }

  /** After all that was printed before it. */
  #tell(event: VcpuEvent): void {
    this.#flush();
    this.#ports.onEvent(event);
  }

  #flush(): void {
    this.#machine.flush();
    this.#output.handOver(this.#machine.display);
  }

  /** Guest time, pushed on by a tick where the host's clock has not moved between two readings. */
  #nextTimestamp(): number {
    this.#timestamp = Math.max(this.#machine.clock.now(), this.#timestamp + 1);
    return this.#timestamp;
  }
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
