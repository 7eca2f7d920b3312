// One VM of a host, seen from the host worker: power states, memory, vCPU, serial text and figures. The vCPU itself runs in
// its own worker behind VcpuControl.
//
// A VM holds machine memory and a vCPU worker (an Instance) from power-on to power-off, or from an incoming migration's
// reservation on. Operations that wait check the instance again afterwards: it may be gone or another one.

import { forUsers, technicalText } from '../../base/engine-failure.ts';
import type { RegionCode, RegionReport } from '../../cpu/regions/region-report.ts';
import type { BootImage } from '../../pc/firmware/boot-image.ts';
import { VmAgent } from '../agent/vm-agent.ts';
import type { DriveStatus } from '../block/vm-drives.ts';
import { nothingNew, type ScreenReader, type ScreenUpdate } from '../screen/vm-screen.ts';
import { type MachineSpec, machineSpec } from '../spec/machine-spec.ts';
import type { MediumSpec, PowerState, Registers, VmCounters, VmSpec } from '../spec/spec.ts';
import { readRegisters } from '../vcpu/crash.ts';
import type { VcpuEvent, VcpuStop } from '../vcpu/vcpu-api.ts';
import { Departure } from './departure.ts';
import { VmFigures } from './figures.ts';
import { GuestEnd } from './guest-end.ts';
import type { GuestCondition } from './guest-event.ts';
import { GuestWatch } from './guest-watch.ts';
import { createInstance, enterImage, type Instance, loadRom } from './instance.ts';
import { Stopwatch } from './meters.ts';
import type { SerialText } from './serial-history.ts';
import { SerialReplies } from './serial-replies.ts';
import { unlessAborted } from './unless-aborted.ts';
import type { VcpuControl } from './vcpu-control.ts';
import { handleVcpuEvent } from './vcpu-events.ts';
import { VcpuWatch } from './vcpu-watch.ts';
import { VmInput } from './vm-input.ts';
import { VmMedia } from './vm-media.ts';
import { VmOutput } from './vm-output.ts';
import { type InputOptions, type VmPorts, VmStateError } from './vm-ports.ts';

export class Vm {
  readonly output: VmOutput;
  /** What terminals answer to the guest by themselves. */
  readonly replies: SerialReplies;
  /** What a program in the guest tells and does for the host. */
  readonly agent: VmAgent;
  readonly input: VmInput;
  readonly uptime: Stopwatch;
  readonly #ports: VmPorts;
  readonly #machine: MachineSpec;
  readonly #figures: VmFigures;
  readonly #guestWatch: GuestWatch;
  readonly #media: VmMedia;
  readonly #end: GuestEnd;
  readonly #departure = new Departure();
  #state: PowerState = 'off';
  #instance: Instance | undefined;
  #moved = false;
  #runs = 0;
  #releasing: Promise<void> | undefined;
  #starting: { cancel(): void; over: Promise<void> } | undefined;
  /** While the images are fetched again for a reset. */
  #reloading: AbortController | undefined;
  /** While the machine is being reset. */
  #restarting: Promise<void> | undefined;
  #watch = new VcpuWatch();

  constructor(spec: VmSpec, ports: VmPorts) {
    this.#media = new VmMedia(spec);
    this.#machine = machineSpec(spec);
    this.output = new VmOutput(this.#machine);
    this.#ports = ports;
    const { timebase } = ports;
    this.#end = new GuestEnd({
      spec: () => this.spec,
      host: ports,
      printed: () => this.output.total,
      registers: () => this.#instance && readRegisters(ports.host.memory, this.#instance.memory.cpu),
      onEvent: (event) => ports.onEvent(event),
      off: () => void this.destroy(),
      restart: () => this.#restart(),
      conditionOver: () => {
        this.#guestWatch.condition = undefined;
      },
      crashed: () => this.#setPower('crashed'),
    });
    this.uptime = new Stopwatch(() => timebase.now());
    this.#figures = new VmFigures(ports.host.memory);
    this.#guestWatch = new GuestWatch({
      spec,
      history: this.output.com1,
      activity: () => this.#figures.activity(this.#instance),
      onEvent: (event) => ports.onEvent(event),
    });
    this.agent = new VmAgent({
      vmName: spec.name,
      machine: this.#machine,
      timebase,
      send: (bytes, port) => this.serialInput(bytes, port),
      onChange: () => ports.onEvent({ type: 'agent' }),
    });
    this.input = new VmInput({
      control: async () => {
        await this.#departure.inputGate;
        this.#instance?.screen.stirred();
        return this.#control;
      },
      onChange: () => ports.onEvent({ type: 'input' }),
    });
    // If it cannot be delivered, the program that asked has ended.
    this.replies = new SerialReplies(timebase, (bytes) => void this.serialInput(bytes).catch(() => {}));
  }

  /** With the media that lie in its drives now. */
  get spec(): VmSpec {
    return this.#media.spec;
  }

  get power(): PowerState {
    return this.#state;
  }

  get crash(): { reason: string; registers: Registers } | undefined {
    return this.#end.crash;
  }

  /** Set while the guest will not go on by itself, though the VM is on. */
  get guest(): GuestCondition | undefined {
    return this.#guestWatch.condition;
  }

  /** Share of the last second that the vCPU was busy, 0..1. */
  get busy(): number {
    return this.#figures.busy;
  }

  get speed(): { mips: number; translated: number } {
    return this.#figures.speed;
  }

  /** Pages the guest has written. */
  get activePages(): number {
    return this.#instance?.memory.guest.log.touchedPages() ?? 0;
  }

  /** Of its drives: undefined if it has none. */
  get drives(): DriveStatus[] | undefined {
    return this.#media.status(this.#instance?.drives);
  }

  /** Another medium lies in the drive, or none. */
  setMedium(drive: number, medium: MediumSpec | undefined): void {
    this.#media.set(drive, medium);
  }

  /** To be called about twice a second. */
  sample(): void {
    this.#media.look(this.#instance?.drives);
    const now = this.#ports.timebase.now();
    this.#figures.sample(now, this.counters());
    if (this.#state === 'running') this.#guestWatch.lookForPanic(now);
    this.#watchVcpu(now);
  }

  /** Those of the last run, as it ended. */
  get finalCounters(): VmCounters | undefined {
    return this.#figures.lastRun;
  }

  /** Zero while it is off. */
  counters(): VmCounters {
    return this.#figures.counters(this.#instance, this.uptime.elapsed);
  }

  /** Rejects with OutOfMemoryError, ImageError or VmStateError; the VM is off then. */
  async powerOn(): Promise<void> {
    if (this.#state === 'crashed') await this.destroy();
    if (this.#state !== 'off' || this.#releasing) throw new VmStateError(`${this.spec.name} is already on.`);
    this.#end.forgetResets();
    this.#setPower('starting');
    const start = new AbortController();
    const started = this.#start(start.signal);
    this.#starting = { cancel: () => start.abort(), over: started.catch(() => {}) };
    try {
      await started;
    } finally {
      this.#starting = undefined;
    }
  }

  async #start(cancelled: AbortSignal): Promise<void> {
    const { name } = this.spec;
    try {
      const boot = await unlessAborted(this.#ports.prepareBoot(this.spec, cancelled), cancelled, name);
      this.#runs++;
      this.output.markPowerOn();
      this.uptime.set(0);
      const created = this.#create(false);
      // An instance that is created after the start was cancelled is given back.
      created.then((instance) => (cancelled.aborted ? this.#giveBack(instance) : undefined)).catch(() => {});
      this.#instance = await unlessAborted(created, cancelled, name);
      loadRom(this.#instance, boot);
      await unlessAborted(this.#enter(this.#instance, boot), cancelled, name);
      if (this.power === 'starting') this.#setPower('running');
    } catch (error) {
      await this.destroy();
      throw error;
    }
  }

  /** Pulls the plug. Resolves when the memory is free again. */
  async powerOff(): Promise<void> {
    if (this.#state === 'migrating')
      throw new VmStateError(`${this.spec.name} is migrating. Cancel the migration first.`);
    if (this.#starting) {
      this.#starting.cancel();
      await this.#starting.over;
    }
    await this.destroy();
  }

  /**
   * The reset button: memory is cleared and the kernel loaded again. The guest runs on until its images are there, and if
   * they do not come. A crashed VM is started again.
   */
  async reset(): Promise<void> {
    if (this.#state === 'crashed') return this.powerOn();
    if (!this.#mayRestart) throw new VmStateError(`${this.spec.name} is not running.`);
    this.#end.forgetResets();
    await this.#restart();
  }

  /** The vCPU and guest time stand still until `resume`, over resets too. Rejects with VmStateError unless it runs. */
  async pause(): Promise<void> {
    if (this.#state === 'paused') return;
    if (this.#state !== 'running' || !this.#instance) throw new VmStateError(`${this.spec.name} is not running.`);
    const { control } = this.#instance;
    this.#setPower('paused');
    this.uptime.stop();
    await control.pause();
  }

  /** Rejects with VmStateError unless it is paused or runs. */
  async resume(): Promise<void> {
    // A machine that is being reset stays stopped until that is done.
    await this.#restarting?.catch(() => {});
    if (this.#state === 'running') return;
    const instance = this.#instance;
    if (this.#state !== 'paused' || !instance) throw new VmStateError(`${this.spec.name} is not paused.`);
    this.#setPower('running');
    const ns = await instance.control.resume(true);
    if (this.#instance === instance && this.power === 'running') this.goesOn(ns);
  }

  /** Rejects when the VM is off. */
  async registers(): Promise<Registers> {
    return this.#end.crash?.registers ?? this.#control.registers();
  }

  /**
   * `port`: 0 is COM1. Resolves with how many bytes there was room for; the event 'serial-room' says when the rest can come.
   * Rejects when the VM is off, or has moved to another host meanwhile.
   */
  async serialInput(bytes: Uint8Array, port = 0, { discard = false, run }: InputOptions = {}): Promise<number> {
    await this.#departure.inputGate;
    if (run !== undefined && run !== this.#runs) return 0;
    return this.#control.serialInput(bytes, port, discard);
  }

  /** Rejects when the VM is off, or has moved to another host meanwhile. */
  async pressPowerButton(): Promise<void> {
    await this.#departure.inputGate;
    await this.#control.pressPowerButton();
  }

  /** What the reader has not had of its screen. Rejects if it has none. */
  async readScreen(reader: ScreenReader, fresh: boolean, limit?: number): Promise<ScreenUpdate> {
    const screen = this.#instance?.screen;
    if (!screen || this.#state === 'starting') return { ...nothingNew(), off: true };
    const update = await screen.read(reader, fresh, limit);
    if (update) return update;
    if (this.#instance?.screen !== screen) return { ...nothingNew(), off: true };
    throw new VmStateError(`${this.spec.name} has no screen.`);
  }

  /** The reader is gone. */
  forgetScreenReader(reader: ScreenReader): void {
    this.#instance?.screen.forget(reader);
  }

  /** How often it has been powered on or reset: input that was meant for an earlier run is refused. */
  get run(): number {
    return this.#runs;
  }

  /** What ran most in its translated code: at most `limit` regions. Rejects when the VM is off. */
  async regions(limit: number): Promise<RegionReport> {
    return this.#control.regions(limit);
  }

  /** Rejects when the VM is off, or the region is no more. */
  async regionCode(id: number): Promise<RegionCode> {
    const code = await this.#control.regionCode(id);
    if (!code) throw new VmStateError(`This region of ${this.spec.name} is no more: its code was changed or replaced.`);
    return code;
  }

  get #control(): VcpuControl {
    if (!this.#instance || this.#state === 'crashed') throw new VmStateError(`${this.spec.name} is not running here.`);
    return this.#instance.control;
  }

  // ---- For migration (migratable-vm.ts, incoming-vm.ts)

  /**
   * Sets the VM to 'migrating'. `onEnded` is called, with a user-facing sentence, if the guest ends by itself before the
   * migration does. Throws VmStateError unless it runs.
   */
  beginMigration(onEnded: (reason: string) => void): Instance {
    this.#media.look(this.#instance?.drives);
    this.#refuseSecondMigration();
    if (this.#state === 'paused') throw new VmStateError(`${this.spec.name} is paused. Resume it first.`);
    if (this.#state !== 'running' || !this.#instance) throw new VmStateError(`${this.spec.name} is not running.`);
    this.#departure.begin(onEnded);
    this.#setPower('migrating');
    return this.#instance;
  }

  /** The same for a VM that is off: it cannot be powered on until it has moved or stays. Throws VmStateError unless it is off. */
  beginColdMigration(): void {
    this.#refuseSecondMigration();
    if (this.#state !== 'off' || this.#releasing) throw new VmStateError(`${this.spec.name} is not off.`);
    this.#setPower('migrating');
  }

  #refuseSecondMigration(): void {
    if (this.#state === 'migrating') throw new VmStateError(`${this.spec.name} is migrating already.`);
  }

  /** The VM stays here: it runs on, or does now what its guest asked for meanwhile; one that was off is off. */
  endMigration(): void {
    if (this.#state !== 'migrating') return;
    this.#setPower(this.#instance ? 'running' : 'off');
    const stop = this.#departure.takePostponed();
    if (stop) this.#onStopped(stop);
  }

  /** Why a migration cannot go on: the guest has stopped by itself. */
  get stoppedDuringMigration(): string | undefined {
    return this.#departure.stopped(this.spec.name);
  }

  /** Input from now on waits until the returned function is called. */
  holdInput(): () => void {
    return this.#departure.holdInput();
  }

  /** At another host it printed this so far, in its `run`-th run. */
  continueSerial(history: SerialText, run: number): void {
    this.output.com1.restore(history);
    this.replies.forget(this.output.com1.end);
    this.#runs = run;
  }

  /** Memory and a stopped vCPU for a VM that comes from another host. */
  async reserve(): Promise<Instance> {
    this.#instance = await this.#create(true);
    return this.#instance;
  }

  /** What is known of the guest of an incoming VM; its vCPU will say it again, which is no news. */
  adoptCondition(condition: GuestCondition | undefined): void {
    this.#guestWatch.condition = condition;
  }

  /** The vCPU runs (on) at the guest time `ns`. */
  goesOn(ns: number): void {
    this.uptime.set(ns / 1e6);
    this.uptime.start();
  }

  /** An incoming VM has arrived and runs. */
  activated(): void {
    this.#setPower('running');
  }

  /** What the guest asks of its drives is not done. */
  drivesFailed(error: Error): void {
    this.#end.problem('cannot use its disks', error.message);
  }

  /** It runs at another host now. */
  async depart(): Promise<void> {
    this.#moved = true;
    await this.destroy();
    if (this.spec.drives) await this.#ports.drives?.leave(this.spec.id);
  }

  /** Has it left this host for good? */
  get departed(): boolean {
    return this.#moved;
  }

  /** Frees everything; the VM is off when it resolves. Unlike powerOff it asks nothing. */
  destroy(): Promise<void> {
    this.#releasing ??= this.#release().finally(() => {
      this.#releasing = undefined;
    });
    return this.#releasing;
  }

  async #release(): Promise<void> {
    const instance = this.#instance;
    this.#media.detached(instance?.drives);
    this.#reloading?.abort();
    this.#reloading = undefined;
    this.#figures.ended(instance && this.counters());
    this.#instance = undefined;
    this.#end.crash = undefined;
    this.agent.ended();
    this.#guestWatch.condition = undefined;
    this.#departure.takePostponed();
    this.input.ended();
    this.uptime.set(0);
    if (instance) await this.#giveBack(instance);
    this.#setPower('off');
  }

  async #giveBack({ memory, control, cables, drives, screen }: Instance): Promise<void> {
    cables.disconnect();
    screen.close();
    try {
      await control.terminate();
      await drives.detach();
      memory.free();
    } catch (error) {
      // A vCPU that may still run would write into what is another VM's by then.
      this.#ports.onEvent({
        type: 'problem',
        title: `${this.spec.name} is off, but its memory cannot be used again`,
        detail: forUsers('while it was stopped', error).message,
      });
    }
  }

  #create(arriving: boolean): Promise<Instance> {
    return createInstance({
      ports: this.#ports,
      spec: this.spec,
      machine: this.#machine,
      serialPosition: this.output.com1.end,
      arriving,
      onScreen: () => this.#ports.onEvent({ type: 'screen' }),
      listener: {
        onEvent: (event) => this.#onVcpuEvent(event),
        onDied: (technical) =>
          this.#onStopped({ reason: 'engine-error', circumstance: "when its vCPU's worker ended", technical }),
      },
    });
  }

  async #enter(instance: Instance, boot: BootImage): Promise<void> {
    this.replies.forget(this.output.com1.end);
    this.agent.ended();
    await enterImage(instance, boot);
    this.#guestWatch.begin();
    if (this.#state !== 'paused') this.goesOn(await instance.control.resume());
  }

  get #mayRestart(): boolean {
    return this.#state === 'running' || this.#state === 'paused';
  }

  #restart(): Promise<void> {
    // A reset that is under way already serves this request too.
    this.#restarting ??= this.#enterAgain().finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  async #enterAgain(): Promise<void> {
    const instance = this.#instance;
    if (!instance) return;
    const reloading = new AbortController();
    this.#reloading = reloading;
    let boot: BootImage;
    try {
      // Firmware is in its ROM.
      boot = this.spec.firmware ? { segments: [] } : await this.#ports.prepareBoot(this.spec, reloading.signal);
    } catch (error) {
      if (this.#instance !== instance) return;
      throw error;
    } finally {
      if (this.#reloading === reloading) this.#reloading = undefined;
    }
    if (this.#instance !== instance) return;
    if (!this.#mayRestart) throw new VmStateError(`${this.spec.name} is not running.`);
    this.#runs++;
    await instance.control.pause();
    if (this.#instance !== instance) return;
    // Firmware decides itself what of RAM outlives a reset; a loader wants a clean machine.
    if (!this.spec.firmware) instance.memory.clear();
    await this.#enter(instance, boot);
  }

  #onVcpuEvent(event: VcpuEvent): void {
    const { output, replies, agent, input } = this;
    handleVcpuEvent(event, {
      ...{ output, replies, agent, input },
      guestWatch: this.#guestWatch,
      instance: () => this.#instance,
      now: () => this.#ports.timebase.now(),
      onEvent: (reported) => this.#ports.onEvent(reported),
      stopped: (stop) => this.#onStopped(stop),
    });
  }

  #onStopped(stop: VcpuStop): void {
    // Off but with an instance: an incoming VM; its migration notices by itself.
    if (!this.#instance || this.#state === 'off') return;
    this.uptime.stop();
    if (this.#state === 'migrating') this.#departure.postpone(stop, this.spec.name);
    else this.#end.stopped(stop);
  }

  /** A vCPU that hangs is ended: nothing else would stop it. */
  #watchVcpu(now: number): void {
    if (!this.#instance || (this.#state !== 'running' && this.#state !== 'migrating')) return;
    const { control } = this.#instance;
    if (!this.#watch.look(now, this.#figures.turns(this.#instance))) return;
    this.#watch = new VcpuWatch();
    const stop = {
      reason: 'engine-error',
      circumstance: 'where it hangs',
      technical: 'the run loop does not return',
    } as const;
    this.#onStopped(stop);
    control.terminate().catch((error) => this.#end.problem('hangs', technicalText(error)));
  }

  #setPower(power: PowerState): void {
    if (power === this.#state) return;
    this.#state = power;
    this.#ports.onEvent({ type: 'power', power });
  }
}
