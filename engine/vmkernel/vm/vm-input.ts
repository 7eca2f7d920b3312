// Keyboard, pointing devices and speaker of a VM, seen from the host worker.

import type { SpeakerChange } from '../../pc/bus/board.ts';
import { INITIAL_INPUT, type InputEvent, type InputState } from '../../pc/bus/input.ts';
import type { LayoutName } from '../../pc/input/keyboard-layouts.ts';
import { typedText } from '../../pc/input/typed-text.ts';
import type { VcpuControl } from './vcpu-control.ts';

/** Changes of the speaker that are kept: who comes later has missed the sound. */
const KEPT_CHANGES = 1024;

export interface SpeakerChanges {
  /** Number of the first, counted from the VM's arrival on this host. */
  position: number;
  changes: SpeakerChange[];
  /** Number of the change to come next. */
  end: number;
}

export interface VmInputPorts {
  /** Rejects with VmStateError when the VM is off. Waits while the VM is being handed over. */
  control(): Promise<VcpuControl>;
  /** `state` is something else. */
  onChange(): void;
}

export class VmInput {
  readonly #ports: VmInputPorts;
  #state = INITIAL_INPUT;
  #changes: SpeakerChange[] = [];
  #end = 0;

  constructor(ports: VmInputPorts) {
    this.#ports = ports;
  }

  /** Of the machine while it is on. */
  get state(): InputState {
    return this.#state;
  }

  /** What the user does, in this order. */
  async send(events: readonly InputEvent[]): Promise<void> {
    const control = await this.#ports.control();
    await control.input(events);
  }

  /**
   * Types text on a keyboard of that layout. Resolves with false, nothing taken, when there is no room for it before more of what was
   * typed has been read (InputState.typing, at most TYPING_LIMIT). Rejects with UntypableError.
   */
  async type(text: string, layout: LayoutName): Promise<boolean> {
    const control = await this.#ports.control();
    return control.type(typedText(text, layout, { capsLock: this.#state.leds.capsLock }));
  }

  /** What has not been typed yet will not be. */
  async stopTyping(): Promise<void> {
    const control = await this.#ports.control();
    await control.stopTyping();
  }

  /** What the speaker has done from `position` on, or since the oldest change that is kept. */
  speaker(position: number): SpeakerChanges {
    const oldest = this.#end - this.#changes.length;
    const from = Math.min(Math.max(position, oldest), this.#end);
    return { position: from, changes: this.#changes.slice(from - oldest), end: this.#end };
  }

  changed(state: InputState): void {
    this.#state = state;
    this.#ports.onChange();
  }

  ended(): void {
    this.#state = INITIAL_INPUT;
  }

  sounded(changes: readonly SpeakerChange[]): void {
    this.#end += changes.length;
    this.#changes = [...this.#changes, ...changes].slice(-KEPT_CHANGES);
  }
}
