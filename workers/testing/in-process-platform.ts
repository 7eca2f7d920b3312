// A Platform without threads: "workers" live in the caller's event loop, behind real message ports. Tests only.

import type { CreateExecutor } from '../../engine/cpu/executor/executor-api.ts';
import type { Platform } from '../platform.ts';
import { serveTranslator } from '../translator-service.ts';
import { serveVcpu } from '../vcpu-service.ts';

export interface InProcessPlatform extends Platform {
  /** Makes the vCPU worker started last die of an error. */
  kill(detail: string): void;
}

export function inProcessPlatform(
  createExecutor: CreateExecutor,
  loadModules: Platform['loadModules'],
): InProcessPlatform {
  let die = (_detail: string) => {};
  return {
    kill: (detail) => die(detail),
    spawnVcpuWorker() {
      const { port1, port2 } = new MessageChannel();
      serveVcpu(port2, createExecutor);
      const close = () => {
        port1.close();
        port2.close();
      };
      return {
        port: port1,
        onError: (listener) => {
          die = (detail) => {
            close();
            listener(detail);
          };
        },
        terminate: async () => close(),
      };
    },
    spawnTranslator() {
      const { port1, port2 } = new MessageChannel();
      serveTranslator(port2);
      return { port: port1, onError: () => {}, terminate: async () => port1.close() };
    },
    loadModules,
  };
}
