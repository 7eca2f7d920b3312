// Starts vCPU workers and speaks to them: the vmkernel's LaunchVcpu.

import { wrap } from 'comlink';
import type { LaunchVcpu } from '../engine/vmkernel/vcpu-control.ts';
import { guardCalls } from './guarded-calls.ts';
import type { EngineModules, Platform } from './platform.ts';
import type { VcpuMessage, VcpuService } from './vcpu-service.ts';

export function createLauncher(platform: Platform, modules: EngineModules): LaunchVcpu {
  return async (request, listener) => {
    const worker = platform.spawnVcpuWorker();
    let over = (_reason: string) => {};
    const gone = new Promise<string>((resolve) => {
      over = resolve;
    });
    worker.onError((detail) => {
      over(`The vCPU's worker failed: ${detail}`);
      listener.onDied(detail);
    });
    worker.port.addEventListener('message', ({ data }: MessageEvent<Partial<VcpuMessage>>) => {
      if (data.event) listener.onEvent(data.event);
    });
    const service = guardCalls(wrap<VcpuService>(worker.port), gone);
    const terminate = () => {
      worker.terminate();
      over('The VM was stopped.');
    };
    try {
      await service.create({ ...request, ...modules });
    } catch (error) {
      terminate();
      throw error;
    }
    return {
      boot: (initial) => service.boot(initial),
      resume: () => service.resume(),
      pause: () => service.pause(),
      suspend: () => service.suspend(),
      restore: (saved) => service.restore(saved),
      serialInput: (bytes) => service.serialInput(bytes),
      terminate,
    };
  };
}
