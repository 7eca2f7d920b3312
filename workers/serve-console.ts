// Serves a host to one console, of its own tab or of another: calls by Comlink, the host's events and signs of life as plain
// messages on the same line. The console's side is host-connection.ts, what they agree on host-calls.ts.

import { type Endpoint, expose, transfer } from 'comlink';
import { systemTimebase, type Timebase } from '../engine/base/timebase.ts';
import type { HostApi, ScreenChunk } from '../engine/host/api.ts';
import { Beats, type HostCall, type HostReply, type LineMessage, METHODS } from '../engine/host/host-calls.ts';
import { inputCalls } from '../engine/host/input-calls.ts';
import { screenCalls } from '../engine/host/screen-calls.ts';
import { type ServedHost, serialCalls } from '../engine/host/serial-calls.ts';

/** A call that takes longer says that it has begun, ms. */
const PROMPT_MS = 1000;

/** What Comlink exposes. */
export interface ConsoleGate {
  call(call: HostCall): Promise<HostReply>;
}

/** @param closed settles when the line is over; it may never. */
export function serveConsole(
  host: ServedHost,
  endpoint: Endpoint,
  closed?: Promise<unknown>,
  timebase: Timebase = systemTimebase,
): void {
  const beats = new Beats(timebase);
  const post = (message: LineMessage) => endpoint.postMessage({ ...message, beat: beats.current() });
  const port = { postMessage: post };
  const unsubscribe = host.events.add(port);
  const input = inputCalls(host, port);
  void closed?.then(() => {
    unsubscribe();
    input.gone();
    host.forgetScreenReader(port);
  });
  const own: Partial<HostApi> = { ...serialCalls(host, port), ...screenCalls(host, port), ...input.own };
  const gate: ConsoleGate = {
    async call({ id, method, args, heard }) {
      if (!beats.isFresh(heard)) return { expired: beats.current() };
      const manner = Object.hasOwn(METHODS, method) ? METHODS[method as keyof HostApi] : undefined;
      if (!manner) throw new Error(`A host cannot do “${method}”.`);
      const stop = timebase.after(manner === 'lasting' ? 0 : PROMPT_MS, () => post({ begun: id }));
      try {
        const name = method as keyof HostApi;
        const work = (own[name] ?? host[name]) as (...args: unknown[]) => Promise<unknown>;
        const result = await work.apply(host, args);
        return name === 'readScreen' ? handedOver(result as ScreenChunk) : { result };
      } finally {
        stop();
      }
    },
  };
  expose(gate, endpoint);
  post({});
}

/** A screen's pages change hands instead of being copied, where the line can do that and they are not shared. */
function handedOver(result: ScreenChunk): HostReply {
  const { buffer } = result.bytes;
  return buffer instanceof ArrayBuffer ? transfer({ result }, [buffer]) : { result };
}
