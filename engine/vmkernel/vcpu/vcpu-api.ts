// What a vCPU is started with, what it says, and its saved form: all of it plain data, for whoever is in another worker.

import type { SpeakerChange } from '../../pc/bus/board.ts';
import type { InputState } from '../../pc/bus/input.ts';
import type { MachineState } from '../../pc/machine/persist.ts';
import type { MachineSpec } from '../spec/machine-spec.ts';
import type { Registers } from '../spec/spec.ts';
import type { CpuState } from './cpu-state.ts';

/** Structured-cloneable: what a vCPU worker is started with. */
export interface VcpuSetup {
  memory: WebAssembly.Memory;
  /** Machine address of the CPU block, its host-side fields filled in. */
  cpu: number;
  monitorModule: WebAssembly.Module;
  interpreterModule: WebAssembly.Module;
  /** How many bytes the VM has printed before. */
  serialPosition: number;
  machine: MachineSpec;
  /** By index of the network card: made by createNicQueue. */
  nicQueues?: readonly SharedArrayBuffer[];
  /** By index of the drive: made by createDiskQueue. */
  diskQueues?: readonly SharedArrayBuffer[];
  /** Makes the vCPU's regions; to be transferred. */
  translator?: MessagePort;
}

export type VcpuStop =
  | { reason: 'power-off' }
  /** `resume`: firmware is to go on where a program wants it after the reset, not to start the machine. */
  | { reason: 'reset'; resume: boolean }
  | { reason: 'debug-exit'; value: number }
  | { reason: 'crash'; detail: string; registers: Registers; resume: boolean }
  /** `circumstance` and `technical`: of an EngineFailure. */
  | { reason: 'engine-error'; circumstance: string; technical: string };

export type VcpuEvent =
  | { type: 'serial'; position: number; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'output'; channel: string; bytes: Uint8Array<ArrayBuffer> }
  /** A serial port that had refused input has room again. */
  | { type: 'serial-room' }
  /** What the machine tells of its keyboard and pointing devices has changed. */
  | { type: 'input'; state: InputState }
  /** The PC speaker, oldest first; at most SPEAKER_LIMIT in a turn, the last of them. */
  | { type: 'speaker'; changes: SpeakerChange[] }
  /** The guest has opened or closed the device behind that channel. */
  | { type: 'channel-opened'; channel: string; open: boolean }
  /** The screen's state is another one than was asked for last. */
  | { type: 'display-changed' }
  | { type: 'stopped'; stop: VcpuStop }
  /** With interrupts off and nothing to wake it; the vCPU sleeps. Reported again after a pause or a restore. */
  | { type: 'halted' }
  /** The guest's kernel says so (pvpanic); it runs on. */
  | { type: 'panicked' }
  /** Guest time has stood still while `ms` of real time passed: the vCPU was stopped for too long to put the clock right. */
  | { type: 'stood-still'; ms: number }
  /** The page of the VM's memory is needed and absent. Reported again while it is waited for. */
  | { type: 'page-wanted'; page: number; write: boolean }
  | { type: 'not-implemented'; mnemonic: string; linear: number };

export interface SavedVcpu {
  version: 1;
  cpu: CpuState;
  machine: MachineState;
  /** Bytes printed so far. */
  serialPosition: number;
  /** The last timestamp given to the guest, in ticks of TSC_HZ. */
  timestamp: number;
  /** By network card, the frames that had arrived for it. */
  frames: Uint8Array<ArrayBuffer>[][];
}
