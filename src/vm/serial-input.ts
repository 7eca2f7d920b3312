// Sends what the user types and pastes to wherever the VM is, in order, as the guest has room for it: keys follow a paste that
// is under way, but Ctrl-C ends it and is next. What was meant for a machine that has been reset since does not reach the one
// after it. During a switch-over the old host no longer takes input and the new one is not known yet: it is offered again.
import type { SerialInputOptions, SerialInputResult } from '../../engine/host/api.ts';
import { formatBytes } from '../format/format.ts';

const ATTEMPTS = 20;
const RETRY_MS = 100;
const SLICE_BYTES = 4096;
/** Keys that wait behind a guest that does not read; more are dropped. */
const MAXIMUM_KEYS = 4096;
const CTRL_C = 0x03;
const END_OF_PASTE = new TextEncoder().encode('\x1b[201~');

export interface PasteProgress {
  sent: number;
  total: number;
}

export interface SerialInputPorts {
  /** Offers input to the VM's host. Rejects while it is at none. */
  offer(bytes: Uint8Array<ArrayBuffer>, options: SerialInputOptions): Promise<SerialInputResult>;
  /** Whether the VM is on, as far as is known. */
  isOn(): boolean;
  /** Calls back when there may be room for input, or another host. */
  onRoom(listener: () => void): () => void;
  /** Called with the reason why input could not be delivered; that input is gone. */
  onDropped(reason: string): void;
  delay?(ms: number): Promise<void>;
}

interface Paste {
  bytes: Uint8Array<ArrayBuffer>;
  sent: number;
  bracketed: boolean;
  /** Of the machine that it is meant for, once it is known. */
  run?: number;
}

export class SerialInput {
  readonly #ports: SerialInputPorts;
  readonly #terminal: string;
  readonly #stopListening: () => void;
  readonly #listeners = new Set<() => void>();
  #paste: Paste | undefined;
  #keys: number[] = [];
  #discard = false;
  #sending = false;
  #progress: PasteProgress | undefined;
  #wake = () => {};

  /** @param terminal says to the host which terminal the input comes from */
  constructor(terminal: string, ports: SerialInputPorts) {
    this.#terminal = terminal;
    this.#ports = ports;
    this.#stopListening = ports.onRoom(() => this.#wake());
  }

  /** Of the paste under way, if there is one. The same object until it changes. */
  get progress(): PasteProgress | undefined {
    return this.#progress;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  type(bytes: Uint8Array): void {
    const interrupts = bytes.length === 1 && bytes[0] === CTRL_C;
    if (interrupts && (this.#paste || this.#keys.length > 0)) this.#forget();
    if (this.#keys.length + bytes.length > MAXIMUM_KEYS) {
      this.#ports.onDropped('the guest does not read what is typed.');
      return;
    }
    this.#keys.push(...bytes);
    this.#start();
  }

  /** @param bracketed the text stands between the marks that the guest asked for */
  paste(bytes: Uint8Array<ArrayBuffer>, bracketed: boolean): void {
    if (this.#paste) {
      this.#ports.onDropped('another paste is still under way.');
      return;
    }
    this.#paste = { bytes, sent: 0, bracketed };
    this.#start();
  }

  /** What has not reached the guest yet is forgotten. */
  cancelPaste(): void {
    if (!this.#paste) return;
    this.#forget();
    this.#start();
  }

  dispose(): void {
    this.#stopListening();
    this.#paste = undefined;
    this.#keys = [];
    this.#wake();
  }

  #forget(): void {
    // A program that has received the start of a paste waits for its end.
    this.#keys = this.#paste?.bracketed && this.#paste.sent > 0 ? [...END_OF_PASTE] : [];
    this.#paste = undefined;
    this.#discard = true;
    this.#show(undefined);
    this.#wake();
  }

  #start(): void {
    if (!this.#sending) void this.#send();
  }

  async #send(): Promise<void> {
    this.#sending = true;
    while (this.#paste || this.#keys.length > 0 || this.#discard) {
      const paste = this.#paste;
      const waiting = paste ? paste.bytes.subarray(paste.sent) : Uint8Array.from(this.#keys);
      const bytes = waiting.slice(0, SLICE_BYTES);
      const discard = this.#discard;
      this.#discard = false;
      const room = this.#room();
      const result = await this.#deliver(bytes, { terminal: this.#terminal, run: paste?.run, discard });
      if (!result) continue;
      // It may have been cancelled meanwhile; then it is not this one's place that moves on.
      if (paste && paste === this.#paste) this.#advance(paste, result);
      else if (!paste && !this.#discard) this.#keys.splice(0, result.accepted);
      if (result.accepted < bytes.length && !this.#discard && (this.#paste === paste || !paste)) await room;
    }
    this.#sending = false;
  }

  #advance(paste: Paste, { accepted, run }: SerialInputResult): void {
    if (paste.run !== undefined && paste.run !== run) {
      this.#end(`the VM was reset: ${formatBytes(paste.bytes.length - paste.sent)} of the paste were not sent.`);
      return;
    }
    paste.run = run;
    paste.sent += accepted;
    const total = paste.bytes.length;
    if (paste.sent === total) {
      this.#paste = undefined;
      this.#show(undefined);
    } else this.#show({ sent: paste.sent, total });
  }

  #end(reason: string): void {
    this.#paste = undefined;
    this.#keys = [];
    this.#show(undefined);
    this.#ports.onDropped(reason);
  }

  async #deliver(bytes: Uint8Array<ArrayBuffer>, options: SerialInputOptions): Promise<SerialInputResult | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#ports.offer(bytes, options);
      } catch (error) {
        if (!this.#ports.isOn() || attempt === ATTEMPTS) {
          this.#end((error as Error).message);
          return undefined;
        }
        await (this.#ports.delay ?? pause)(RETRY_MS);
      }
    }
  }

  /** Resolves when there may be room, from now on. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #show(progress: PasteProgress | undefined): void {
    if (progress === this.#progress) return;
    this.#progress = progress;
    for (const listener of this.#listeners) listener();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
