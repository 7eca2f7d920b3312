// The translator of a host, seen from the host: gives each vCPU its line to it. When the worker is gone there are no more lines,
// and vCPUs translate for themselves.

import { transfer, wrap } from 'comlink';
import { guardCalls } from './guarded-calls.ts';
import type { Platform } from './platform.ts';
import type { TranslatorService } from './translator-service.ts';

export class HostTranslator {
  readonly #service: ReturnType<typeof guardCalls<ReturnType<typeof wrap<TranslatorService>>>>;

  constructor(platform: Platform) {
    const worker = platform.spawnTranslator();
    const gone = new Promise<string>((resolve) => worker.onError(resolve));
    this.#service = guardCalls(wrap<TranslatorService>(worker.port), gone);
  }

  /** The vCPU's end of its line; undefined without a translator. */
  async connect(memory: WebAssembly.Memory, cpu: number): Promise<MessagePort | undefined> {
    const { port1, port2 } = new MessageChannel();
    try {
      await this.#service.connect(memory, cpu, transfer(port2, [port2]));
      return port1;
    } catch {
      port1.close();
      return undefined;
    }
  }

  /** Nothing of the translator touches the CPU block after it has resolved. */
  async disconnect(cpu: number): Promise<void> {
    // A worker that is gone touches nothing.
    await this.#service.disconnect(cpu).catch(() => {});
  }
}
