// How the host reaches a vCPU that runs in a worker of its own. Messages of one vCPU arrive in the order they were sent,
// answers and events alike: when a call has resolved, all output from before it has been delivered.

import type { RegionCode, RegionReport } from '../../cpu/regions/region-report.ts';
import type { DisplayState } from '../../pc/bus/display.ts';
import type { InputEvent, TypedKey } from '../../pc/bus/input.ts';
import type { InitialState } from '../../pc/firmware/boot-image.ts';
import type { Registers } from '../spec/spec.ts';
import type { SavedVcpu, VcpuEvent, VcpuSetup } from '../vcpu/vcpu-api.ts';

export interface VcpuControl {
  /** Resets the machine; without `initial` the CPU starts at the reset vector. */
  boot(initial?: InitialState, font?: Uint8Array): Promise<void>;
  /** Resolves with the guest time, in ns since power-on, at which it goes on. `stoodStill`: the pause is none of its time. */
  resume(stoodStill?: boolean): Promise<number>;
  pause(): Promise<void>;
  /** Pauses and saves. */
  suspend(): Promise<SavedVcpu>;
  restore(saved: SavedVcpu): Promise<void>;
  /** `port`: 0 is COM1. Resolves with how many bytes it took. `discard`: what still waits is forgotten first. */
  serialInput(bytes: Uint8Array, port?: number, discard?: boolean): Promise<number>;
  pressPowerButton(): Promise<void>;
  /** At an instruction's boundary. */
  registers(): Promise<Registers>;
  /** Of its screen; the event 'display-changed' says once when there is another one. Undefined if it has no screen. */
  displayState(): Promise<DisplayState | undefined>;
  input(events: readonly InputEvent[]): Promise<void>;
  /** Has characters typed on the keyboard. False: there is no room for all of them now, and none is taken. */
  type(characters: readonly (readonly TypedKey[])[]): Promise<boolean>;
  stopTyping(): Promise<void>;
  /** What ran most in translated code: at most `limit` regions. */
  regions(limit: number): Promise<RegionReport>;
  /** Undefined when the region is no more. */
  regionCode(id: number): Promise<RegionCode | undefined>;
  /**
   * Ends the worker, in whatever state; calls that wait for an answer reject. Resolves when the vCPU certainly runs no
   * more, so that its memory can be given to another VM; rejects when that is not known.
   */
  terminate(): Promise<void>;
}

/** What differs from VM to VM; the launcher adds what they share. */
export type VcpuRequest = Omit<VcpuSetup, 'monitorModule' | 'interpreterModule' | 'translator'>;

export interface VcpuListener {
  onEvent(event: VcpuEvent): void;
  /** The worker died of an error: nothing of the vCPU runs any more. */
  onDied(detail: string): void;
}

/** Starts a worker with a vCPU, stopped. Rejects with a user-facing message. */
export type LaunchVcpu = (request: VcpuRequest, listener: VcpuListener) => Promise<VcpuControl>;
