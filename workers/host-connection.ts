// A console's line to one host, whatever carries it: a worker's port or a connection over the subnet. The host's end of it is
// serve-console.ts.
//
// Invariants: no call waits for ever. It ends when the host is gone, when it has not begun within CALL_LIMIT_MS, or when
// it has begun and the host has then been silent for SILENT_CALL_LIMIT_MS (migrations excepted). A call that ended because
// it had not begun is not carried out later (host-calls.ts).

import { type Endpoint, wrap } from 'comlink';
import { every, systemTimebase, type Timebase } from '../engine/base/timebase.ts';
import type { HostApi, HostConnection, HostEvent, HostInfo } from '../engine/host/api.ts';
import {
  CALL_LIMIT_MS,
  ENDLESS,
  ENDS_THE_HOST,
  type LineMessage,
  SILENT_CALL_LIMIT_MS,
} from '../engine/host/host-calls.ts';
import { SignsOfLife, TICK_MS } from '../engine/subnet/presence/signs-of-life.ts';
import { guardCalls } from './guarded-calls.ts';
import type { ConsoleGate } from './serve-console.ts';

export interface HostLine {
  info: HostInfo;
  endpoint: Endpoint;
  /** Resolves with a user-facing reason when nothing comes through any more. */
  gone: Promise<string>;
  hangUp(): void;
  timebase?: Timebase;
}

/** A host has not answered in time. The message is user-facing. */
export class SilentHostError extends Error {
  override name = 'SilentHostError';
}

/** A timer that fires later than this after its time belongs to a page that was stopped or is hidden, ms. */
const LATE_MS = 1000;

interface PendingCall {
  method: string;
  begun: boolean;
  end(error: SilentHostError): void;
}

class Line implements HostConnection {
  readonly info: HostInfo;
  readonly api: HostApi;
  readonly #timebase: Timebase;
  readonly #gate: ConsoleGate;
  readonly #line: HostLine;
  readonly #signs: SignsOfLife;
  readonly #pending = new Map<number, PendingCall>();
  readonly #listeners = new Set<(event: HostEvent) => void>();
  readonly #silence = new Set<(since: number | undefined) => void>();
  #calls = 0;
  #heard = 0;
  #silentSince: number | undefined;
  #over = false;

  constructor(line: HostLine) {
    this.info = line.info;
    this.#line = line;
    this.#timebase = line.timebase ?? systemTimebase;
    this.#signs = new SignsOfLife(this.#timebase);
    const { endpoint, gone } = line;
    endpoint.addEventListener('message', (({ data }: MessageEvent<LineMessage>) => this.#take(data)) as EventListener);
    this.#gate = guardCalls(wrap<ConsoleGate>(endpoint) as ConsoleGate, gone);
    // Signs of life count before the first call.
    endpoint.start?.();
    this.api = new Proxy({} as HostApi, {
      get: (_, method) => {
        // Not a promise itself, although every property can be called.
        if (method === 'then' || typeof method === 'symbol') return undefined;
        return (...args: unknown[]) => this.#call(method, args);
      },
    });
    const stop = every(this.#timebase, TICK_MS, () => this.#tick());
    void gone.then(() => {
      this.#over = true;
      stop();
      this.#listeners.clear();
      this.#silence.clear();
    });
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onSilence(listener: (since: number | undefined) => void): () => void {
    this.#silence.add(listener);
    return () => this.#silence.delete(listener);
  }

  onClosed(listener: () => void): () => void {
    let wanted = true;
    void this.#line.gone.then(() => {
      if (wanted) listener();
    });
    return () => {
      wanted = false;
    };
  }

  close(): void {
    if (!this.#over) this.#line.hangUp();
  }

  #take(message: LineMessage | undefined): void {
    // Whatever comes shows that the host lives.
    this.#signs.heard();
    this.#tellSilence();
    const { event, beat, begun } = message ?? {};
    if (beat !== undefined) this.#heard = Math.max(this.#heard, beat);
    const call = begun === undefined ? undefined : this.#pending.get(begun);
    if (call) call.begun = true;
    if (event) for (const listener of [...this.#listeners]) listener(event);
  }

  #tick(): void {
    this.#signs.tick();
    this.#tellSilence();
    if (this.#signs.missed * TICK_MS < SILENT_CALL_LIMIT_MS) return;
    for (const { begun, method, end } of [...this.#pending.values()]) {
      if (!begun || ENDLESS.has(method)) continue;
      end(
        new SilentHostError(
          `${this.info.name} has stopped responding while it was at it. What came of it shows when it responds again.`,
        ),
      );
    }
  }

  #tellSilence(): void {
    const since = this.#signs.silentSince;
    if (since === this.#silentSince) return;
    this.#silentSince = since;
    for (const listener of [...this.#silence]) listener(since);
  }

  async #call(method: string, args: unknown[]): Promise<unknown> {
    for (;;) {
      this.#calls += 1;
      const call = { id: this.#calls, method, args, heard: this.#heard };
      const reply = await this.#limited(call.id, method, this.#gate.call(call)).catch((error) => {
        if (this.#over && ENDS_THE_HOST.has(method)) return { result: undefined };
        throw error;
      });
      if ('result' in reply) return reply.result;
      this.#heard = Math.max(this.#heard, reply.expired);
    }
  }

  #limited<T>(id: number, method: string, reply: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call: PendingCall = { method, begun: false, end: reject };
      this.#pending.set(id, call);
      const expired = () => {
        if (!call.begun) reject(new SilentHostError(`${this.info.name} does not respond. The request has expired.`));
      };
      const stop = this.#after(CALL_LIMIT_MS, expired);
      reply.then(resolve, reject).finally(() => {
        stop();
        this.#pending.delete(id);
      });
    });
  }

  /** As Timebase.after, but a page that was stopped meanwhile handles what has queued before its time is over. */
  #after(ms: number, callback: () => void): () => void {
    const due = this.#timebase.now() + ms;
    let cancel = this.#timebase.after(ms, () => {
      if (this.#timebase.now() - due <= LATE_MS) callback();
      else cancel = this.#timebase.after(LATE_MS, callback);
    });
    return () => cancel();
  }
}

export function createHostConnection(line: HostLine): HostConnection {
  return new Line(line);
}
