// What a guest puts out in one turn: serial ports and channels, the PC speaker, news of its screen. It is handed over before the event loop gets
// its turn, and before whatever is said of the vCPU itself.

import { CONSOLE_CHANNEL, type SpeakerChange } from '../../pc/bus/board.ts';
import type { Display, DisplayState } from '../../pc/bus/display.ts';
import { OutputBuffer } from './output-buffer.ts';
import type { VcpuEvent } from './vcpu-api.ts';

/** Changes of the speaker in one turn of some ms: more are no sound. */
const SPEAKER_LIMIT = 512;

export class GuestOutput {
  readonly #onEvent: (event: VcpuEvent) => void;
  readonly #serial: OutputBuffer;
  readonly #channels = new Map<string, OutputBuffer>();
  #speaker: SpeakerChange[] = [];
  /** DisplayState.changes of what was asked for; undefined: nobody waits for another one. */
  #displayTold: number | undefined;

  /** @param position bytes printed before on the serial port */
  constructor(position: number, onEvent: (event: VcpuEvent) => void) {
    this.#serial = new OutputBuffer(position);
    this.#onEvent = onEvent;
  }

  /** Bytes printed so far on the serial port, of what was handed over. */
  get serialPosition(): number {
    return this.#serial.position;
  }

  set serialPosition(position: number) {
    this.#serial.position = position;
  }

  /** Where bytes for that channel go. */
  channel(name: string): (bytes: Uint8Array) => void {
    if (name === CONSOLE_CHANNEL) return (bytes) => this.#serial.push(bytes);
    const buffer = this.#channels.get(name) ?? new OutputBuffer(0);
    this.#channels.set(name, buffer);
    return (bytes) => buffer.push(bytes);
  }

  speakerChanged(change: SpeakerChange): void {
    if (this.#speaker.length >= SPEAKER_LIMIT) this.#speaker.shift();
    this.#speaker.push(change);
  }

  /** It is said once when there is another one. */
  displayState(display: Display | undefined): DisplayState | undefined {
    const state = display?.state();
    this.#displayTold = state?.changes;
    return state;
  }

  handOver(display: Display | undefined): void {
    if (this.#displayTold !== undefined && display?.changes !== this.#displayTold) {
      this.#displayTold = undefined;
      this.#onEvent({ type: 'display-changed' });
    }
    if (this.#speaker.length > 0) {
      this.#onEvent({ type: 'speaker', changes: this.#speaker });
      this.#speaker = [];
    }
    const serial = this.#serial.take();
    if (serial) this.#onEvent({ type: 'serial', ...serial });
    for (const [channel, buffer] of this.#channels) {
      const output = buffer.take();
      if (output) this.#onEvent({ type: 'output', channel, bytes: output.bytes });
    }
  }
}
