// What is known of the guest inside a VM: whether it has panicked or halted for good, and what it used that this CPU does not have.

import type { VmSpec } from '../spec/spec.ts';
import { type GuestCondition, HALTED_DETAIL, panicMessage } from './guest-event.ts';
import { type CpuActivity, PanicWatch } from './panic-watch.ts';
import type { SerialHistory } from './serial-history.ts';
import type { VmEvent } from './vm-ports.ts';

/** So much of what was printed last is searched for the message of a panic. */
const PANIC_TEXT_BYTES = 16 * 1024;

export interface GuestWatchPorts {
  spec: VmSpec;
  /** What it has printed. */
  history: SerialHistory;
  activity(): CpuActivity;
  onEvent(event: VmEvent): void;
}

export class GuestWatch {
  /** Set while the guest will not go on by itself, though the VM is on. */
  condition: GuestCondition | undefined;
  readonly #ports: GuestWatchPorts;
  readonly #panics = new PanicWatch();
  /** Extensions whose absence has been reported. */
  readonly #missing = new Set<string>();

  constructor(ports: GuestWatchPorts) {
    this.#ports = ports;
  }

  /** A kernel is entered. */
  begin(): void {
    this.condition = undefined;
    this.#panics.forget();
  }

  /** `now`: monotonic ms. */
  printed(bytes: Uint8Array, now: number): void {
    this.#panics.printed(bytes, now, this.#ports.activity());
  }

  /** To be called about twice a second while the VM runs. */
  lookForPanic(now: number): void {
    const message = this.#panics.check(now, this.#ports.activity());
    if (message !== undefined) this.#enter({ kind: 'panicked', detail: message });
  }

  /** The CPU has halted and nothing will wake it. */
  halted(): void {
    const message = this.#panics.halted(this.#ports.activity());
    if (message === undefined) this.#enter({ kind: 'halted', detail: HALTED_DETAIL });
    else this.#enter({ kind: 'panicked', detail: message });
  }

  /** The guest's kernel has reported a panic to pvpanic. The detail is what it has printed about it. */
  panicked(): void {
    const end = this.#ports.history.read().bytes.subarray(-PANIC_TEXT_BYTES);
    this.#enter({ kind: 'panicked', detail: panicMessage(new TextDecoder().decode(end)) ?? '' });
  }

  /** Reported once for each mnemonic. */
  notImplemented(mnemonic: string, linear: number): void {
    if (this.#missing.has(mnemonic)) return;
    this.#missing.add(mnemonic);
    this.#ports.onEvent({
      type: 'problem',
      title: `${this.#ports.spec.name} used an instruction of an extension that its CPU does not have: ${mnemonic}`,
      detail: `At 0x${(linear >>> 0).toString(16)}; the guest received an undefined-opcode exception.`,
    });
  }

  /** A panic outlasts the halt that may follow it. */
  #enter(condition: GuestCondition): void {
    if (this.condition?.kind === 'panicked' || this.condition?.kind === condition.kind) return;
    this.condition = condition;
    this.#ports.onEvent({ type: 'guest', event: condition });
  }
}
