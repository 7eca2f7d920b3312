// The inside of a translator worker, the same in browsers and in Node: makes the regions of all vCPUs of a host. Each vCPU has a
// line of its own, straight to its worker; the host connects and disconnects them, by Comlink.

import { expose } from 'comlink';
import {
  type BundleReply,
  type BundleRequest,
  bundle,
  type TranslationReply,
  type TranslationRequest,
  translate,
} from '../engine/cpu/regions/translation-service.ts';
import { Doorbell } from '../engine/vmkernel/shared/doorbell.ts';
import { createYieldTask } from '../engine/vmkernel/shared/yield-task.ts';

export class TranslatorService {
  readonly #lines = new Map<number, MessagePort>();
  readonly #yieldTask = createYieldTask();

  /** `cpu`: machine address of the CPU block in `memory`, which identifies the vCPU. */
  connect(memory: WebAssembly.Memory, cpu: number, line: MessagePort): void {
    const doorbell = new Doorbell(memory, cpu);
    this.#lines.set(cpu, line);
    const reply = (message: TranslationReply | BundleReply): void => {
      if (this.#lines.get(cpu) !== line) return;
      line.postMessage(message);
      // A running vCPU receives it between two turns, so its turn is ended. A halted one has its event loop free.
      doorbell.requestStopIfRunning();
    };
    const now = (): number => performance.now();
    // A bundle takes long, and hot code waits for its region: other requests come in between.
    const pause = (): Promise<void> => new Promise((resolve) => this.#yieldTask(resolve));
    line.onmessage = ({ data }: MessageEvent<TranslationRequest | BundleRequest>) => {
      if ('bundle' in data) void bundle(data, now, pause).then(reply);
      else reply(translate(data, now));
    };
  }

  /** When it has answered, the CPU block is not touched any more. */
  disconnect(cpu: number): void {
    const line = this.#lines.get(cpu);
    if (!line) return;
    line.onmessage = null;
    line.close();
    this.#lines.delete(cpu);
  }
}

export function serveTranslator(port: MessagePort): void {
  expose(new TranslatorService(), port);
}
