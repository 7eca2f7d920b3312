// What becomes of a VM whose vCPU has stopped: the guest has powered itself off, reset itself, ended or crashed, or the engine has failed.

import { EngineFailure, forUsers } from '../../base/engine-failure.ts';
import type { Registers, VmSpec } from '../spec/spec.ts';
import type { VcpuStop } from '../vcpu/vcpu-api.ts';
import type { GuestEvent } from './guest-event.ts';
import { ResetWatch } from './reset-watch.ts';
import type { VmEvent, VmPorts } from './vm-ports.ts';

/** What it has done, after the VM's name. */
export const END_WORDS: Record<VcpuStop['reason'], string> = {
  'power-off': 'has powered itself off',
  reset: 'has reset itself',
  'debug-exit': 'has ended with an exit value',
  crash: 'has crashed',
  'engine-error': 'was stopped by an error of the engine',
};

export interface GuestEndPorts {
  spec(): Pick<VmSpec, 'name' | 'firmware'>;
  host: Pick<VmPorts, 'onGuestReset' | 'onTripleFault' | 'timebase'>;
  /** Bytes that the guest has printed so far. */
  printed(): number;
  /** Undefined if it is off. */
  registers(): Registers | undefined;
  onEvent(event: VmEvent): void;
  /** The VM is to be off. */
  off(): void;
  /** The machine is to be reset. */
  restart(): Promise<void>;
  /** What was known of the guest does not hold any more. */
  conditionOver(): void;
  /** The VM keeps its memory until it is powered off: the registers are shown. */
  crashed(): void;
}

export class GuestEnd {
  /** Since it crashed, until it is off. */
  crash: { reason: string; registers: Registers } | undefined;
  readonly #ports: GuestEndPorts;
  readonly #resets = new ResetWatch();

  constructor(ports: GuestEndPorts) {
    this.#ports = ports;
  }

  /** The VM was started or reset from outside. */
  forgetResets(): void {
    this.#resets.forget();
  }

  stopped(stop: VcpuStop): void {
    const { onTripleFault } = this.#ports.host;
    switch (stop.reason) {
      case 'power-off':
        this.#guest({ kind: 'powered-off', detail: '' });
        this.#ports.off();
        break;
      case 'reset':
        this.#reset('', stop.resume);
        break;
      case 'debug-exit':
        this.#guest({ kind: 'exited', detail: `it wrote ${stop.value} to isa-debug-exit`, value: stop.value });
        this.#ports.off();
        break;
      case 'crash':
        // Programs that firmware has started may mean a reset by it.
        if (this.#ports.spec().firmware || onTripleFault === 'reset') this.#reset(stop.detail, stop.resume);
        else this.#failByGuest(stop.detail);
        break;
      case 'engine-error':
        this.#failByEngine(new EngineFailure(stop.circumstance, stop.technical));
    }
  }

  /** What the user is told of the VM's own part. */
  problem(what: string, detail: string): void {
    this.#ports.onEvent({ type: 'problem', title: `${this.#ports.spec().name} ${what}`, detail });
  }

  /** `resume`: firmware is to go on where the program that reset the CPU wants it; such programs do it all the time. */
  #reset(detail: string, resume: boolean): void {
    const { host, printed } = this.#ports;
    const loop = resume ? undefined : this.#resets.reset(host.timebase.now(), printed());
    this.#guest({ kind: 'reset', detail });
    if (host.onGuestReset === 'power-off') this.#ports.off();
    else if (loop) this.#failByGuest(loop);
    else this.#ports.restart().catch((error) => this.#failToRestart(error));
  }

  #failToRestart(error: unknown): void {
    const shown = forUsers('while it was started again', error);
    if (shown instanceof EngineFailure) this.#failByEngine(shown);
    else this.#fail(`it cannot restart: ${shown.message}`, (reason) => this.problem('has stopped', reason));
  }

  #failByGuest(reason: string): void {
    this.#fail(reason, () => this.#guest({ kind: 'crashed', detail: reason }));
  }

  #failByEngine({ circumstance, technical }: EngineFailure): void {
    const registers = this.#ports.registers();
    if (!registers) return;
    const failed = `the engine failed at EIP 0x${registers.eip.toString(16).padStart(8, '0')}, ${circumstance}`;
    this.#fail(`${failed} (${technical})`, () =>
      this.problem(`has stopped: ${failed}`, `Technical detail: ${technical}`),
    );
  }

  #fail(reason: string, tell: (reason: string) => void): void {
    const registers = this.#ports.registers();
    if (!registers) return;
    this.crash = { reason, registers };
    this.#ports.conditionOver();
    tell(reason);
    this.#ports.crashed();
  }

  #guest(event: GuestEvent): void {
    this.#ports.onEvent({ type: 'guest', event });
  }
}
