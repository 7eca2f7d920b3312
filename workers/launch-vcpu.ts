// Starts vCPU workers and speaks to them: the vmkernel's LaunchVcpu.

import { transfer, wrap } from 'comlink';
import { technicalText } from '../engine/base/engine-failure.ts';
import { Doorbell } from '../engine/vmkernel/shared/doorbell.ts';
import type { LaunchVcpu } from '../engine/vmkernel/vm/vcpu-control.ts';
import { guardCalls } from './guarded-calls.ts';
import { HostTranslator } from './host-translator.ts';
import type { EngineModules, Platform } from './platform.ts';
import type { VcpuMessage, VcpuService } from './vcpu-service.ts';

/** A vCPU that has not come to its safe point by then is broken. */
const STOP_TIMEOUT_MS = 2000;

/** The engine of `platform`, for HostOptions.loadEngine. Rejects with a message for the user. */
export async function loadEngine(platform: Platform): Promise<LaunchVcpu> {
  return createLauncher(platform, await platform.loadModules());
}

function createLauncher(platform: Platform, modules: EngineModules): LaunchVcpu {
  const translator = new HostTranslator(platform);
  return async (request, listener) => {
    const worker = platform.spawnVcpuWorker();
    let died = false;
    let over = (_reason: string) => {};
    const gone = new Promise<string>((resolve) => {
      over = resolve;
    });
    const die = (detail: string) => {
      if (died) return;
      died = true;
      over(`The vCPU's worker failed: ${detail}`);
      void worker.terminate();
      listener.onDied(detail);
    };
    worker.onError(die);
    worker.port.addEventListener('message', ({ data }: MessageEvent<Partial<VcpuMessage>>) => {
      if (!data.event) return;
      try {
        listener.onEvent(data.event);
      } catch (error) {
        // It costs this VM; the host and the others go on.
        die(technicalText(error));
      }
    });
    const service = guardCalls(wrap<VcpuService>(worker.port), gone);
    /** A browser ends a worker some time after `terminate`: the vCPU is stopped first. */
    const terminate = async () => {
      new Doorbell(request.memory, request.cpu).requestStop();
      const stopped = await Promise.race([
        service.pause().then(
          () => true,
          () => died,
        ),
        timeout(STOP_TIMEOUT_MS),
      ]);
      over('The VM was stopped.');
      await translator.disconnect(request.cpu);
      await worker.terminate();
      if (!stopped) throw new Error(`Its vCPU did not stop within ${STOP_TIMEOUT_MS} ms.`);
    };
    try {
      const line = await translator.connect(request.memory, request.cpu);
      const setup = { ...request, ...modules, ...(line && { translator: line }) };
      await service.create(transfer(setup, line ? [line] : []));
    } catch (error) {
      await translator.disconnect(request.cpu);
      await worker.terminate();
      throw error;
    }
    return {
      boot: (initial, font) => service.boot(initial, font),
      resume: (stoodStill) => service.resume(stoodStill),
      pause: () => service.pause(),
      suspend: () => service.suspend(),
      restore: (saved) => service.restore(saved),
      serialInput: (bytes, port, discard) => service.serialInput(bytes, port, discard),
      registers: () => service.registers(),
      pressPowerButton: () => service.pressPowerButton(),
      displayState: () => service.displayState(),
      input: (events) => service.input(events),
      type: (characters) => service.type(characters),
      stopTyping: () => service.stopTyping(),
      regions: (limit) => service.regions(limit),
      regionCode: (id) => service.regionCode(id),
      terminate,
    };
  };
}

/** Resolves with false after `ms`. */
function timeout(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false));
}
