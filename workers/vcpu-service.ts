// The inside of a vCPU worker, the same in browsers and in Node: serves one vCPU over one port. Calls come by Comlink,
// events go out as plain messages `{ event }` on the same port, so that both keep their order.

import { expose } from 'comlink';
import type { CreateExecutor } from '../engine/cpu/executor/executor-api.ts';
import type { RegionCode, RegionReport } from '../engine/cpu/regions/region-report.ts';
import type { DisplayState } from '../engine/pc/bus/display.ts';
import type { InputEvent, TypedKey } from '../engine/pc/bus/input.ts';
import type { InitialState } from '../engine/pc/firmware/boot-image.ts';
import { waitForChange } from '../engine/vmkernel/shared/shared-wait.ts';
import { createYieldTask } from '../engine/vmkernel/shared/yield-task.ts';
import type { Registers } from '../engine/vmkernel/spec/spec.ts';
import { Vcpu } from '../engine/vmkernel/vcpu/vcpu.ts';
import type { SavedVcpu, VcpuEvent, VcpuSetup } from '../engine/vmkernel/vcpu/vcpu-api.ts';

export interface VcpuMessage {
  event: VcpuEvent;
}

/** What Comlink exposes. `create` comes first, once. */
export class VcpuService {
  readonly #createExecutor: CreateExecutor;
  readonly #send: (message: VcpuMessage) => void;
  #vcpu: Vcpu | undefined;

  constructor(createExecutor: CreateExecutor, send: (message: VcpuMessage) => void) {
    this.#createExecutor = createExecutor;
    this.#send = send;
  }

  create(setup: VcpuSetup): void {
    this.#vcpu = new Vcpu(setup, {
      createExecutor: this.#createExecutor,
      hostNow: () => performance.now(),
      wallClock: () => Date.now(),
      yieldTask: createYieldTask(),
      waitForChange,
      onEvent: (event) => this.#send({ event }),
    });
  }

  boot(initial?: InitialState, font?: Uint8Array): void {
    this.#created.boot(initial, font);
  }

  resume(stoodStill?: boolean): number {
    return this.#created.resume(stoodStill);
  }

  pause(): void {
    this.#created.pause();
  }

  suspend(): SavedVcpu {
    this.#created.pause();
    return this.#created.save();
  }

  restore(saved: SavedVcpu): void {
    this.#created.restore(saved);
  }

  serialInput(bytes: Uint8Array, port?: number, discard?: boolean): number {
    return this.#created.serialInput(bytes, port, discard);
  }

  registers(): Registers {
    return this.#created.registers();
  }

  pressPowerButton(): void {
    this.#created.pressPowerButton();
  }

  displayState(): DisplayState | undefined {
    return this.#created.displayState();
  }

  input(events: readonly InputEvent[]): void {
    this.#created.input(events);
  }

  type(characters: readonly (readonly TypedKey[])[]): boolean {
    return this.#created.type(characters);
  }

  stopTyping(): void {
    this.#created.stopTyping();
  }

  regions(limit: number): RegionReport {
    return this.#created.regions(limit);
  }

  regionCode(id: number): RegionCode | undefined {
    return this.#created.regionCode(id);
  }

  get #created(): Vcpu {
    if (!this.#vcpu) throw new Error('The vCPU has not been created.');
    return this.#vcpu;
  }
}

export function serveVcpu(port: MessagePort, createExecutor: CreateExecutor): void {
  expose(new VcpuService(createExecutor, (message) => port.postMessage(message)), port);
}
