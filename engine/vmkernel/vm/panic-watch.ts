// Notices a panic of a guest that has no pvpanic driver (yet): by the kernel's message on the serial console, and only together with a
// CPU that from then on neither runs programs nor idles. The message alone proves nothing: any program can print it.

import { panicMessage } from './guest-event.ts';

/** The CPU must have done nothing else for so long. */
const CERTAIN_MS = 2000;
/** Longer lines are none of a kernel's. */
const LINE_BYTES = 512;
const MARK = 'Kernel panic';

/** Counts since power-on: times that user mode was entered, and HLTs. */
export interface CpuActivity {
  userEntries: number;
  halts: number;
}

export class PanicWatch {
  readonly #decoder = new TextDecoder('latin1');
  #line = '';
  #suspicion: { message: string; since: number; activity: CpuActivity } | undefined;

  forget(): void {
    this.#line = '';
    this.#suspicion = undefined;
  }

  /** What the guest has printed. `now`: monotonic ms. */
  printed(bytes: Uint8Array, now: number, activity: CpuActivity): void {
    const text = this.#line + this.#decoder.decode(bytes);
    this.#line = text.slice(Math.max(text.lastIndexOf('\n') + 1, text.length - LINE_BYTES));
    if (!text.includes(MARK)) return;
    const message = panicMessage(text.slice(0, text.lastIndexOf('\n') + 1));
    if (message !== undefined) this.#suspicion = { message, since: now, activity };
  }

  /** To be called now and then: the message of a panic that is certain by now. */
  check(now: number, activity: CpuActivity): string | undefined {
    const message = this.halted(activity);
    if (!this.#suspicion || message === undefined) return undefined;
    if (activity.halts !== this.#suspicion.activity.halts) this.#suspicion = undefined;
    return this.#suspicion && now - this.#suspicion.since >= CERTAIN_MS ? message : undefined;
  }

  /** The same for a CPU that has halted for good. */
  halted({ userEntries }: CpuActivity): string | undefined {
    if (this.#suspicion?.activity.userEntries !== userEntries) this.#suspicion = undefined;
    return this.#suspicion?.message;
  }
}
